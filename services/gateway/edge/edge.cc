#include "services/gateway/edge/edge.h"

#include <utility>

#include "common/status/macros.h"
#include "services/gateway/edge/http_server.h"
#include "services/gateway/edge/rest_handler.h"

namespace lumbar::gateway {

absl::StatusOr<std::unique_ptr<Edge>> Edge::Start(EdgeOptions options, Upstream& upstream,
                                                  std::shared_ptr<prometheus::Registry> registry, const Clock& clock) {
  LUMBAR_ASSIGN_OR_RETURN(RouteTable routes, RouteTable::Build(options.services));
  auto handler = std::make_unique<RestHandler>(std::move(routes), upstream, std::move(options.is_ready), options.limits,
                                               ExchangeRecorder(std::move(registry), clock));
  LUMBAR_ASSIGN_OR_RETURN(std::unique_ptr<HttpServer> server,
                          HttpServer::Start(options.address, options.port, options.threads, options.limits, *handler));
  return std::unique_ptr<Edge>(new Edge(std::move(handler), std::move(server), upstream));
}

Edge::Edge(std::unique_ptr<RestHandler> handler, std::unique_ptr<HttpServer> server, Upstream& upstream)
    : upstream_(upstream), handler_(std::move(handler)), server_(std::move(server)) {}

Edge::~Edge() { Stop(absl::ZeroDuration()); }

uint16_t Edge::port() const { return server_->port(); }

void Edge::Stop(absl::Duration drain) {
  if (std::exchange(stopped_, true)) return;
  server_->Stop(drain, [this] { upstream_.CancelAll(); });
}

}  // namespace lumbar::gateway
