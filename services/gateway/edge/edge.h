// The public port: what main.cc starts.
#pragma once

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/time/clock.h"
#include "services/gateway/edge/limits.h"
#include "services/gateway/edge/pages.h"
#include "services/gateway/edge/upstream.h"

namespace prometheus {
class Registry;
}

namespace lumbar::transport {
class CertificateFiles;
}

namespace lumbar::gateway {

class Admission;
class EdgeHandler;
class ExchangeRecorder;
class Facade;
class Http2Front;
class HttpServer;

struct EdgeOptions {
  // Numeric address.
  std::string address = "0.0.0.0";
  // 0: any free one.
  uint16_t port = 8080;
  // Each a thread; 0: one a core.
  size_t loops = 0;
  Limits limits;
  // What TLS is spoken with; null: it isn't. Outlives the edge.
  const transport::CertificateFiles* certificates = nullptr;
  // Full names of the services that are offered.
  std::vector<std::string> services;
  // Null: no page but the one at "/".
  MakePages pages;
  // Of web pages whose scripts may call; see Cors.
  std::vector<std::string> cors_origins;
  // What answers one part of the addresses in its own words; null: nothing does. Outlives the edge.
  const Facade* facade = nullptr;
  // Null: everybody may.
  std::shared_ptr<Admission> admission;
  // What /healthz tells; called by any thread.
  std::function<bool()> is_ready = [] { return true; };
};

class Edge {
 public:
  // Listens and serves from here on. `steady` goes on evenly, `now` tells the time; they and `upstream` outlive the
  // edge. Fails as RouteTable::Build and HttpServer::Start do.
  static absl::StatusOr<std::unique_ptr<Edge>> Start(EdgeOptions options, Upstream& upstream,
                                                     std::shared_ptr<prometheus::Registry> registry,
                                                     const Clock& steady, const Clock& now);
  // Stops without a drain if Stop wasn't called.
  ~Edge();

  uint16_t port() const;

  // Accepts no more, lets running exchanges finish for at most `drain`, then ends them. Returns when all are over.
  void Stop(absl::Duration drain);

 private:
  Edge(std::shared_ptr<Admission> admission, std::unique_ptr<ExchangeRecorder> recorder,
       std::unique_ptr<EdgeHandler> handler, std::unique_ptr<Http2Front> front, Upstream& upstream);

  Upstream& upstream_;
  const std::shared_ptr<Admission> admission_;
  const std::unique_ptr<ExchangeRecorder> recorder_;
  const std::unique_ptr<EdgeHandler> handler_;
  const std::unique_ptr<Http2Front> front_;
  std::unique_ptr<HttpServer> server_;
  bool stopped_ = false;
};

}  // namespace lumbar::gateway
