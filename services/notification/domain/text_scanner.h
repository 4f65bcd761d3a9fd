// The port to triage, which knows the words that speak of danger.
#pragma once

#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>

#include <string>

namespace lumbar::notification {

// What of a text is scanned; a longer one isn't known to be harmless.
inline constexpr size_t kMostScanned = 4000;

struct TextFindings {
  bool emergency = false;
  // In which language it speaks of it, "en" or "es"; empty: it doesn't.
  std::string language = {};
};

class TextScanner {
 public:
  virtual ~TextScanner() = default;

  // Looks for dangers in `text`, UTF-8 of at most kMostScanned bytes. Blocks for 2 s at most. Whatever the failure,
  // nothing is known of the text.
  virtual absl::StatusOr<TextFindings> Scan(absl::string_view text) = 0;
};

}  // namespace lumbar::notification
