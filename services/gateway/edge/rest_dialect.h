// Plain HTTP and JSON, by the routes that the contracts declare with google.api.http.
#pragma once

#include "services/gateway/edge/dialect.h"
#include "services/gateway/edge/limits.h"
#include "services/gateway/edge/route_table.h"

namespace lumbar::gateway {

class RestDialect final : public Dialect {
 public:
  // `routes` outlives the dialect.
  RestDialect(const RouteTable& routes, const Limits& limits) : routes_(routes), limits_(limits) {}

  absl::Status Recognize(const HttpRequest& request, Exchange& exchange) const override;
  absl::StatusOr<UpstreamCall> Read(const HttpRequest& request, Exchange& exchange) const override;
  absl::StatusOr<HttpAnswer> Write(const Exchange& exchange, const std::string& response) const override;
  // Server-sent events: a message each, and one named "error" if the stream fails.
  HttpAnswer BeginStream(const Exchange& exchange) const override;
  absl::StatusOr<std::string> Piece(const Exchange& exchange, const std::string& message) const override;
  std::string LastPiece(const Exchange& exchange, const absl::Status& status) const override;
  HttpAnswer Refuse(const Exchange& exchange, const absl::Status& failure) const override;

 private:
  absl::StatusOr<absl::Duration> CallTime(const HttpRequest& request, bool is_stream) const;

  const RouteTable& routes_;
  const Limits limits_;
};

}  // namespace lumbar::gateway
