#include "tools/cli/exit_code.h"

#include "common/status/errors.h"
#include "tools/cli/errors.h"

namespace lumbar::cli {

ExitCode ExitCodeOf(const absl::Status& status) {
  const std::string reason = ReasonOf(status);
  if (reason == kWrongInput || reason == "STORE_URL") return ExitCode::kUsage;
  if (reason == kEmergencyNotBookable) return ExitCode::kEmergency;
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return ExitCode::kOk;
    // What HTTP writes as 5xx.
    case absl::StatusCode::kUnknown:
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kDataLoss:
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kUnimplemented:
      return ExitCode::kServerFailed;
    default:
      return ExitCode::kRefused;
  }
}

}  // namespace lumbar::cli
