// Connect's protocol: POST /package.Service/Method, GET where nothing is changed, and streams of enveloped messages.
// https://connectrpc.com/docs/protocol
#pragma once

#include "services/gateway/edge/dialect.h"
#include "services/gateway/edge/limits.h"
#include "services/gateway/edge/rpc_catalog.h"

namespace lumbar::gateway {

class ConnectDialect final : public Dialect {
 public:
  // `catalog` outlives the dialect.
  ConnectDialect(const RpcCatalog& catalog, const Limits& limits) : catalog_(catalog), limits_(limits) {}

  absl::Status Recognize(const HttpRequest& request, Exchange& exchange) const override;
  absl::StatusOr<UpstreamCall> Read(const HttpRequest& request, Exchange& exchange) const override;
  absl::StatusOr<HttpAnswer> Write(const Exchange& exchange, const std::string& response) const override;
  HttpAnswer BeginStream(const Exchange& exchange) const override;
  absl::StatusOr<std::string> Piece(const Exchange& exchange, const std::string& message) const override;
  std::string LastPiece(const Exchange& exchange, const absl::Status& status) const override;
  HttpAnswer Refuse(const Exchange& exchange, const absl::Status& failure) const override;

 private:
  static absl::Status ReadForm(const HttpRequest& request, Exchange& exchange);
  absl::StatusOr<std::string> ReadPost(const HttpRequest& request, const Exchange& exchange) const;
  absl::StatusOr<std::string> ReadGet(const HttpRequest& request, Exchange& exchange) const;
  absl::StatusOr<absl::Duration> CallTime(const HttpRequest& request, bool is_stream) const;

  const RpcCatalog& catalog_;
  const Limits limits_;
};

}  // namespace lumbar::gateway
