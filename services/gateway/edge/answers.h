// The answers of the edge, errors as AIP-193 wants them.
#pragma once

#include <absl/status/status.h>
#include <absl/strings/string_view.h>
#include <google/api/httpbody.pb.h>

#include <string>

#include "services/gateway/edge/http.h"

namespace lumbar::gateway {

// As google.rpc.Code maps them, and 405, 413, 415, 431 and 503 for the edge's own refusals.
int HttpStatusOf(const absl::Status& status);

// "INVALID_ARGUMENT" and so on.
std::string CodeName(absl::StatusCode code);

// {"error": {"code", "message", "status", "details"}} with the details written out; adds Retry-After where there is a
// RetryInfo, and WWW-Authenticate to a 401.
HttpAnswer ErrorAnswer(const absl::Status& status);
// Tells in the header when to come again, if `status` says so: clients of every protocol find it there, and we by it
// that this is a refusal.
void SetRetryAfter(const absl::Status& status, HttpAnswer& answer);

HttpAnswer JsonAnswer(std::string json);

// A file to be kept under `name`; without one it is to be shown. INTERNAL/INTERNAL: its content type can't be a header.
HttpAnswer FileAnswer(google::api::HttpBody file, absl::string_view name);

}  // namespace lumbar::gateway
