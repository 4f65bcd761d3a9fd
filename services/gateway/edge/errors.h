// Everything that the edge itself refuses. Messages never repeat a value that came in.
#pragma once

#include <absl/status/status.h>
#include <absl/strings/string_view.h>
#include <absl/time/time.h>

namespace lumbar::gateway {

// INVALID_ARGUMENT/MALFORMED_REQUEST: not HTTP as RFC 9112 wants it.
absl::Status MalformedRequest(absl::string_view why);
// INVALID_ARGUMENT/HEADER_TOO_LARGE, answered as 431.
absl::Status HeaderTooLarge(size_t limit);
// INVALID_ARGUMENT/BODY_TOO_LARGE, answered as 413.
absl::Status BodyTooLarge(size_t limit);
// INVALID_ARGUMENT/UNSUPPORTED_MEDIA_TYPE, answered as 415.
absl::Status UnsupportedMediaType();
// The same for a method that is called by its name.
absl::Status RpcMediaType();
// INVALID_ARGUMENT/BODY_NOT_WANTED: a body came with a method that takes none.
absl::Status BodyNotWanted();
// INVALID_ARGUMENT/MALFORMED_JSON: `why` names the rule that was broken.
absl::Status MalformedJson(absl::string_view why);
// NOT_FOUND/ROUTE_NOT_FOUND.
absl::Status RouteNotFound();
// UNIMPLEMENTED/METHOD_NOT_ALLOWED, answered as 405; `allowed` as in the Allow header.
absl::Status MethodNotAllowed(absl::string_view allowed);
// UNIMPLEMENTED/NOT_SERVED_YET: declared in the contract, not built yet.
absl::Status NotServedYet();
// UNAVAILABLE/NOT_READY: starting or stopping.
absl::Status NotReady();
// UNAVAILABLE/TOO_MANY_CONNECTIONS.
absl::Status TooManyConnections();
// RESOURCE_EXHAUSTED/TOO_BUSY, answered as 503: a connection, its loop or the service behind has as much as it may.
absl::Status TooBusy(absl::Duration wait = absl::Seconds(1));
// RESOURCE_EXHAUSTED/RATE_LIMITED, with RetryInfo: whoever asks, asks too often.
absl::Status RateLimited(absl::Duration wait);
// UNAVAILABLE/UPSTREAM_UNAVAILABLE: the service behind this route can't be reached.
absl::Status UpstreamUnavailable();
// DEADLINE_EXCEEDED/UPSTREAM_TOO_SLOW: it didn't answer before the call's deadline, so the outcome is unknown.
absl::Status UpstreamTooSlow();
// CANCELLED/CLIENT_GONE: nobody waits for the answer any more; what the call has done stands.
absl::Status ClientGone();
// CANCELLED/GATEWAY_STOPPED: the gateway had to stop before the answer came; what the call did stands.
absl::Status Stopped();
// INTERNAL/INTERNAL.
absl::Status InternalFailure();

}  // namespace lumbar::gateway
