// What an exchange is answered with: routes a request, calls the service behind the route, and translates both ways.
// Knows no sockets.
#pragma once

#include <absl/status/statusor.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "services/gateway/edge/exchange_recorder.h"
#include "services/gateway/edge/http.h"
#include "services/gateway/edge/limits.h"
#include "services/gateway/edge/route_table.h"
#include "services/gateway/edge/upstream.h"

namespace lumbar::gateway {

// Thread safe. Outlives every exchange that it was given.
class RestHandler {
 public:
  // `is_ready` decides /healthz.
  RestHandler(RouteTable routes, Upstream& upstream, std::function<bool()> is_ready, const Limits& limits,
              ExchangeRecorder recorder);

  // Calls `done` once, maybe before it returns. The answer has all headers but those of the connection.
  void Handle(const HttpRequest& request, AnswerCallback done);

  // The answer to bytes that never became a request.
  HttpAnswer Refuse(const absl::Status& failure) const;

 private:
  // The answers that need no upstream: "/" and "/healthz".
  std::optional<HttpAnswer> AnswerHere(const HttpRequest& request, Exchange& exchange) const;
  absl::StatusOr<UpstreamCall> Prepare(const HttpRequest& request, Exchange& exchange, std::string& allowed) const;
  absl::StatusOr<absl::Duration> CallTime(const HttpRequest& request) const;
  HttpAnswer Answer(Exchange& exchange, const absl::StatusOr<std::string>& response) const;
  HttpAnswer Fail(Exchange& exchange, const absl::Status& failure) const;

  const RouteTable routes_;
  const std::string index_;
  Upstream& upstream_;
  const std::function<bool()> is_ready_;
  const Limits limits_;
  const ExchangeRecorder recorder_;
};

}  // namespace lumbar::gateway
