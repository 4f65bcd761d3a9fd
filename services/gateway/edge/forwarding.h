// What of a client's header goes on to the services.
#pragma once

#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>
#include <absl/types/span.h>

#include "services/gateway/edge/admission.h"
#include "services/gateway/edge/exchange.h"
#include "services/gateway/edge/http.h"
#include "services/gateway/edge/upstream.h"

namespace lumbar::gateway {

// The metadata of a call: trace, request id, and the one value that Authorization may have; no other field goes on.
// INVALID_ARGUMENT/MALFORMED_REQUEST: two of them, or one that grpc++ would abort on.
absl::StatusOr<Metadata> ForwardedMetadata(const Exchange& exchange, absl::Span<const absl::string_view> authorization);
absl::StatusOr<Metadata> ForwardedMetadata(const Exchange& exchange, const HttpRequest& request);

// What says who asks. The views are of the request's header.
Credentials CredentialsOf(const HttpRequest& request);

}  // namespace lumbar::gateway
