#include "services/gateway/edge/errors.h"

#include <absl/strings/str_cat.h>
#include <absl/time/time.h>

#include "common/status/errors.h"

namespace lumbar::gateway {

absl::Status MalformedRequest(absl::string_view why) {
  return WithReason(absl::InvalidArgumentError(absl::StrCat("the request can't be read: ", why)), "MALFORMED_REQUEST");
}

absl::Status HeaderTooLarge(size_t limit) {
  return WithReason(absl::InvalidArgumentError(absl::StrCat("the header is over ", limit, " bytes; send less")),
                    "HEADER_TOO_LARGE");
}

absl::Status BodyTooLarge(size_t limit) {
  return WithReason(absl::InvalidArgumentError(absl::StrCat("the body is over ", limit, " bytes; send less")),
                    "BODY_TOO_LARGE");
}

absl::Status UnsupportedMediaType() {
  return WithReason(absl::InvalidArgumentError("send the body as content-type application/json, without an encoding"),
                    "UNSUPPORTED_MEDIA_TYPE");
}

absl::Status RpcMediaType() {
  return WithReason(absl::InvalidArgumentError("send the body as content-type application/json or application/proto "
                                               "(Connect), application/grpc-web, or application/grpc over HTTP/2"),
                    "UNSUPPORTED_MEDIA_TYPE");
}

absl::Status BodyNotWanted() {
  return WithReason(absl::InvalidArgumentError("this method takes no body; put the fields into the query"),
                    "BODY_NOT_WANTED");
}

absl::Status MalformedJson(absl::string_view why) {
  return WithReason(absl::InvalidArgumentError(absl::StrCat("the body isn't acceptable JSON: ", why)),
                    "MALFORMED_JSON");
}

absl::Status RouteNotFound() {
  return WithReason(absl::NotFoundError("there is nothing at this address; GET / lists what there is"),
                    "ROUTE_NOT_FOUND");
}

absl::Status MethodNotAllowed(absl::string_view allowed) {
  return WithReason(absl::UnimplementedError(absl::StrCat("this address takes only ", allowed)), "METHOD_NOT_ALLOWED");
}

absl::Status NotServedYet() {
  return WithReason(absl::UnimplementedError("this method is announced but not served yet"), "NOT_SERVED_YET");
}

absl::Status NotReady() {
  return WithReason(absl::UnavailableError("not ready to serve; try again in a moment"), "NOT_READY");
}

absl::Status TooManyConnections() {
  return WithRetryDelay(WithReason(absl::UnavailableError("too many connections are open; try again in a moment"),
                                   "TOO_MANY_CONNECTIONS"),
                        absl::Seconds(1));
}

absl::Status TooBusy(absl::Duration wait) {
  return WithRetryDelay(
      WithReason(absl::ResourceExhaustedError("too much is under way; take answers first, or try again in a moment"),
                 "TOO_BUSY"),
      wait);
}

absl::Status RateLimited(absl::Duration wait) {
  return WithRetryDelay(
      WithReason(absl::ResourceExhaustedError("too many requests; wait before the next one as long as "
                                              "this answer says"),
                 "RATE_LIMITED"),
      wait);
}

absl::Status UpstreamUnavailable() {
  return WithRetryDelay(
      WithReason(absl::UnavailableError("a part of the service can't be reached; try again in a moment"),
                 "UPSTREAM_UNAVAILABLE"),
      absl::Seconds(1));
}

absl::Status UpstreamTooSlow() {
  return WithReason(absl::DeadlineExceededError("no answer in time; try again. If it was to change something, that "
                                                "may have happened: use the same request_id"),
                    "UPSTREAM_TOO_SLOW");
}

absl::Status ClientGone() {
  return WithReason(absl::CancelledError("the client went away before its answer; what the call did stands"),
                    "CLIENT_GONE");
}

absl::Status Stopped() {
  return WithReason(absl::CancelledError("the server stopped before the answer; try again with the same request_id"),
                    "GATEWAY_STOPPED");
}

absl::Status InternalFailure() {
  return WithReason(absl::InternalError("something went wrong on our side; tell us the X-Request-Id of this answer"),
                    "INTERNAL");
}

}  // namespace lumbar::gateway
