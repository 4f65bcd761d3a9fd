// Where a key set is kept: a file, or the server of the token issuer.
#pragma once

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include <string>

namespace lumbar::auth {

class KeySource {
 public:
  // A JWKS as it was read, not parsed yet.
  struct Answer {
    std::string text;
    // How long the source says that it may be kept.
    absl::Duration good_for = absl::InfiniteDuration();
  };

  virtual ~KeySource() = default;

  // The set as it is now, of 256 KiB at most. May block, for some seconds at most. One thread at a time.
  // Fails with KEY_FILE_UNREADABLE or KEY_URL_UNREACHABLE; no message repeats anything that was read.
  virtual absl::StatusOr<Answer> Read() = 0;
  // For the log: its path or its URL.
  virtual const std::string& name() const = 0;
};

}  // namespace lumbar::auth
