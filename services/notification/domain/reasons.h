// Why something wasn't sent, as it is kept with the message, logged and counted.
#pragma once

#include <absl/status/status.h>

#include <string>

#include "common/status/errors.h"

namespace lumbar::notification {

// Never the status's message, which could repeat what a peer said.
inline std::string ReasonFor(const absl::Status& status) {
  const std::string reason = ReasonOf(status);
  return reason.empty() ? absl::StatusCodeToString(status.code()) : reason;
}

}  // namespace lumbar::notification
