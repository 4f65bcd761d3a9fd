// What an exchange is answered with: finds the dialect that its client speaks, calls the service behind the method, and
// records the end. Knows no sockets.
#pragma once

#include <absl/status/statusor.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "services/gateway/edge/admission.h"
#include "services/gateway/edge/cors.h"
#include "services/gateway/edge/dialect.h"
#include "services/gateway/edge/exchange_recorder.h"
#include "services/gateway/edge/facade.h"
#include "services/gateway/edge/http.h"
#include "services/gateway/edge/limits.h"
#include "services/gateway/edge/pages.h"
#include "services/gateway/edge/route_table.h"
#include "services/gateway/edge/rpc_catalog.h"
#include "services/gateway/edge/running.h"
#include "services/gateway/edge/upstream.h"

namespace lumbar::gateway {

// Thread safe. Outlives every exchange that it was given.
class EdgeHandler {
 public:
  // `is_ready` decides /healthz. `pages` are served beside the one at "/", which lists what is here. `upstream`,
  // `admission`, `recorder` and `facade`, which may be null, outlive the handler.
  EdgeHandler(RouteTable routes, Upstream& upstream, Admission& admission, std::function<bool()> is_ready,
              const Limits& limits, const ExchangeRecorder& recorder, Cors cors = Cors(), std::vector<Page> pages = {},
              const Facade* facade = nullptr);

  // Calls `done` once, maybe before it returns. The answer has all headers but those of the connection. What it returns
  // gives the exchange up, for when the client is gone; `done` is called all the same, unless the visitor's loop has
  // ended.
  GiveUp Handle(HttpRequest request, const Visitor& visitor, AnswerCallback done);

  // The answer to bytes that never became a request.
  HttpAnswer Refuse(const absl::Status& failure) const;

  const RpcCatalog& catalog() const { return catalog_; }
  const TrustedProxies& trusted_proxies() const { return admission_.trusted_proxies(); }
  // Counts every exchange from its request to the end of its answer.
  Running& running() { return running_; }

 private:
  // A request that waits to be admitted, and what becomes of it.
  struct Arrived;

  const Dialect& DialectOf(const HttpRequest& request) const;
  // The answers that nobody waits for admission for: "/healthz" and what a browser asks before it sends anything.
  std::optional<HttpAnswer> AnswerUnasked(const HttpRequest& request, Exchange& exchange) const;
  // Finds what a request is for.
  absl::Status Recognize(const Tongue& tongue, const HttpRequest& request, Exchange& exchange) const;
  GiveUp Proceed(const std::shared_ptr<Arrived>& arrived, const absl::Status& admitted);
  bool IsForFacade(const HttpRequest& request) const;
  GiveUp Ask(const Facade& facade, const Arrived& arrived);
  absl::StatusOr<UpstreamCall> ReadIfThereIsRoom(const Arrived& arrived) const;
  GiveUp Show(const Arrived& arrived) const;
  GiveUp Answer(const Arrived& arrived, HttpAnswer answer);
  GiveUp Stream(const Dialect& dialect, const std::shared_ptr<Exchange>& exchange, UpstreamCall call,
                AnswerCallback done);
  HttpAnswer Answer(const Dialect& dialect, Exchange& exchange, const absl::StatusOr<std::string>& response) const;
  HttpAnswer Fail(const Tongue& tongue, Exchange& exchange, const absl::Status& failure) const;
  HttpAnswer Dress(const Exchange& exchange, HttpAnswer answer) const;
  HttpAnswer Finish(const Exchange& exchange, HttpAnswer answer) const;

  const RouteTable routes_;
  const RpcCatalog catalog_;
  const Pages pages_;
  const std::unique_ptr<Dialect> rest_;
  const std::unique_ptr<Dialect> connect_;
  const std::unique_ptr<Dialect> grpc_web_;
  Upstream& upstream_;
  Admission& admission_;
  const std::function<bool()> is_ready_;
  const ExchangeRecorder& recorder_;
  const Cors cors_;
  const Facade* const facade_;
  Running running_;
};

}  // namespace lumbar::gateway
