// Errors as AIP-193 wants them: a code, a message for a person, a stable reason for a program, the field at fault and
// what to do next. A handler returns absl::Status; these functions attach the details, and the transport carries them.
// Neither message nor metadata ever holds patient data.
#pragma once

#include <absl/status/status.h>
#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include <string>

namespace google::rpc {
class Status;
}

namespace lumbar {

// The `domain` of every ErrorInfo.
inline constexpr absl::string_view kErrorDomain = "lumbar";

// Attaches ErrorInfo with `reason` (UPPER_SNAKE_CASE, stable across releases). OK stays OK.
absl::Status WithReason(absl::Status status, absl::string_view reason);

// Attaches one more BadRequest violation: `field` is the path in the request, e.g. "patient.email".
absl::Status WithViolation(absl::Status status, absl::string_view field, absl::string_view description);

// Attaches RetryInfo: the caller should wait this long.
absl::Status WithRetryDelay(absl::Status status, absl::Duration delay);

// INVALID_ARGUMENT/INVALID_FIELD with one violation.
absl::Status InvalidField(absl::string_view field, absl::string_view description);

// The reason that WithReason attached, or "" if there is none.
std::string ReasonOf(const absl::Status& status);

// Between absl::Status and the wire's google.rpc.Status, details included. Unknown details are dropped.
google::rpc::Status ToRpcStatus(const absl::Status& status);
absl::Status FromRpcStatus(const google::rpc::Status& wire);

}  // namespace lumbar
