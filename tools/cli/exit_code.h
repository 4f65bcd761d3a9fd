// How the tool ends, for scripts; --help and README.md say the same.
#pragma once

#include <absl/status/status.h>

namespace lumbar::cli {

enum class ExitCode {
  kOk = 0,
  // Refused: the server answered 4xx, or a key or token can't be made.
  kRefused = 1,
  // Wrong arguments or an unreadable input file; nothing was sent.
  kUsage = 2,
  // No answer, a 5xx, or an answer that isn't Lumbar's: the outcome of a change is unknown.
  kServerFailed = 3,
  // The answer is an emergency, which a script must never take for success.
  kEmergency = 4,
};

// For the way a command failed; kOk for OK.
ExitCode ExitCodeOf(const absl::Status& status);

}  // namespace lumbar::cli
