#include "services/gateway/edge/edge.h"

#include <utility>

#include "common/status/macros.h"
#include "services/gateway/edge/admission.h"
#include "services/gateway/edge/edge_handler.h"
#include "services/gateway/edge/exchange_recorder.h"
#include "services/gateway/edge/http2_front.h"
#include "services/gateway/edge/http_server.h"

namespace lumbar::gateway {

absl::StatusOr<std::unique_ptr<Edge>> Edge::Start(EdgeOptions options, Upstream& upstream,
                                                  std::shared_ptr<prometheus::Registry> registry, const Clock& steady,
                                                  const Clock& now) {
  LUMBAR_RETURN_IF_ERROR(CheckOrigins(options.cors_origins));
  LUMBAR_ASSIGN_OR_RETURN(RouteTable routes, RouteTable::Build(options.services));
  std::vector<Page> pages;
  if (options.pages != nullptr) {
    LUMBAR_ASSIGN_OR_RETURN(pages, options.pages(routes));
  }
  auto recorder = std::make_unique<ExchangeRecorder>(std::move(registry), steady, now);
  auto admission = options.admission != nullptr ? std::move(options.admission) : std::make_shared<Admission>();
  auto handler = std::make_unique<EdgeHandler>(std::move(routes), upstream, *admission, std::move(options.is_ready),
                                               options.limits, *recorder, Cors(std::move(options.cors_origins)),
                                               std::move(pages), options.facade);
  auto front = std::make_unique<Http2Front>(*handler, upstream, *admission, *recorder, options.limits);
  auto edge = std::unique_ptr<Edge>(
      new Edge(std::move(admission), std::move(recorder), std::move(handler), std::move(front), upstream));
  LUMBAR_ASSIGN_OR_RETURN(edge->server_,
                          HttpServer::Start(options.address, options.port, options.loops, options.limits,
                                            options.certificates, *edge->handler_, *edge->front_, steady));
  return edge;
}

Edge::Edge(std::shared_ptr<Admission> admission, std::unique_ptr<ExchangeRecorder> recorder,
           std::unique_ptr<EdgeHandler> handler, std::unique_ptr<Http2Front> front, Upstream& upstream)
    : upstream_(upstream),
      admission_(std::move(admission)),
      recorder_(std::move(recorder)),
      handler_(std::move(handler)),
      front_(std::move(front)) {}

Edge::~Edge() { Stop(absl::ZeroDuration()); }

uint16_t Edge::port() const { return server_->port(); }

void Edge::Stop(absl::Duration drain) {
  if (server_ == nullptr || std::exchange(stopped_, true)) return;
  server_->Stop(drain, [this] { upstream_.CancelAll(); });
}

}  // namespace lumbar::gateway
