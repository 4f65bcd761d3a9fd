// gRPC-Web, binary and as base64: what gRPC sends in frames and a trailer, inside of one body.
// https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-WEB.md
#pragma once

#include "services/gateway/edge/dialect.h"
#include "services/gateway/edge/limits.h"
#include "services/gateway/edge/rpc_catalog.h"

namespace lumbar::gateway {

class GrpcWebDialect final : public Dialect {
 public:
  // `catalog` outlives the dialect.
  GrpcWebDialect(const RpcCatalog& catalog, const Limits& limits) : catalog_(catalog), limits_(limits) {}

  static bool Speaks(absl::string_view content_type);

  absl::Status Recognize(const HttpRequest& request, Exchange& exchange) const override;
  absl::StatusOr<UpstreamCall> Read(const HttpRequest& request, Exchange& exchange) const override;
  absl::StatusOr<HttpAnswer> Write(const Exchange& exchange, const std::string& response) const override;
  HttpAnswer BeginStream(const Exchange& exchange) const override;
  absl::StatusOr<std::string> Piece(const Exchange& exchange, const std::string& message) const override;
  std::string LastPiece(const Exchange& exchange, const absl::Status& status) const override;
  // Status 200, as the protocol wants it; the failure is in the trailer.
  HttpAnswer Refuse(const Exchange& exchange, const absl::Status& failure) const override;

 private:
  const RpcCatalog& catalog_;
  const Limits limits_;
};

}  // namespace lumbar::gateway
