// The port to whoever counts what patients text.
#pragma once

#include <absl/strings/string_view.h>

namespace lumbar::notification {

// Thread safe; returns at once.
class TextObserver {
 public:
  virtual ~TextObserver() = default;

  // A text that is new: "stop", "start", "help", "cancel", "emergency", "unscanned" or "routine".
  virtual void Received(absl::string_view kind, bool answerable) = 0;
  // So many conversations waited too long.
  virtual void Escalated(int count) = 0;
};

}  // namespace lumbar::notification
