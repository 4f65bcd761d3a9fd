#include "services/gateway/edge/edge_handler.h"

#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>
#include <nlohmann/json.hpp>

#include "common/status/errors.h"
#include "common/status/macros.h"
#include "services/gateway/edge/answers.h"
#include "services/gateway/edge/conditional.h"
#include "services/gateway/edge/connect_dialect.h"
#include "services/gateway/edge/errors.h"
#include "services/gateway/edge/forwarding.h"
#include "services/gateway/edge/grpc_web_dialect.h"
#include "services/gateway/edge/rest_dialect.h"
#include "services/gateway/edge/streamed_body.h"

namespace lumbar::gateway {
namespace {

constexpr char kIndexPath[] = "/";

// What is here.
Page Index(const RouteTable& table, const std::vector<Page>& others, const Facade* facade) {
  auto methods = nlohmann::ordered_json::array();
  for (const auto& route : table.routes()) {
    if (!route.served) continue;
    methods.push_back(
        {{"http", absl::StrCat(route.http_method, " ", route.path_template)}, {"rpc", route.method->full_name()}});
  }
  auto pages = nlohmann::ordered_json::array();
  for (const Page& page : others) {
    if (page.is_listed) pages.push_back(page.path);
  }
  if (facade != nullptr) pages.push_back(facade->Front());
  const nlohmann::ordered_json index = {{"name", "Lumbar"},
                                        {"about", "Virtual back-pain care: triage, articles, visits."},
                                        {"health", "/healthz"},
                                        {"pages", std::move(pages)},
                                        {"methods", std::move(methods)}};
  return {kIndexPath, "application/json", index.dump(), ""};
}

std::vector<Page> WithIndex(const RouteTable& table, std::vector<Page> pages, const Facade* facade) {
  pages.push_back(Index(table, pages, facade));
  return pages;
}

absl::Status CheckForm(const HttpRequest& request) {
  const unsigned version = request.version();
  if (version != 10 && version != 11 && version != kHttp2) return MalformedRequest("speak HTTP/1.1 or HTTP/2");
  if (version == 11 && request.count(http::field::host) != 1) return MalformedRequest("HTTP/1.1 needs one Host header");
  if (!absl::StartsWith(View(request.target()), "/")) return MalformedRequest("the address must begin with '/'");
  return absl::OkStatus();
}

bool IsReading(const HttpRequest& request) {
  return request.method() == http::verb::get || request.method() == http::verb::head;
}

absl::Status RecognizePage(const HttpRequest& request, Exchange& exchange) {
  exchange.route_label = exchange.page->path();
  exchange.keeping = Keeping::kPublic;
  if (IsReading(request)) return absl::OkStatus();
  exchange.allowed = "GET, HEAD";
  return MethodNotAllowed(exchange.allowed);
}

}  // namespace

struct EdgeHandler::Arrived {
  HttpRequest request;
  const Tongue& tongue;
  // One of the two isn't null.
  const Dialect* dialect;
  const Facade* facade;
  AnswerCallback done;
  // Shared apart: it is needed longest.
  std::shared_ptr<Exchange> exchange;
  // What was found before it was admitted.
  absl::Status recognized;
};

EdgeHandler::EdgeHandler(RouteTable routes, Upstream& upstream, Admission& admission, std::function<bool()> is_ready,
                         const Limits& limits, const ExchangeRecorder& recorder, Cors cors, std::vector<Page> pages,
                         const Facade* facade)
    : routes_(std::move(routes)),
      catalog_(routes_),
      pages_(WithIndex(routes_, std::move(pages), facade)),
      rest_(std::make_unique<RestDialect>(routes_, limits)),
      connect_(std::make_unique<ConnectDialect>(catalog_, limits)),
      grpc_web_(std::make_unique<GrpcWebDialect>(catalog_, limits)),
      upstream_(upstream),
      admission_(admission),
      is_ready_(std::move(is_ready)),
      recorder_(recorder),
      cors_(std::move(cors)),
      facade_(facade) {}

GiveUp EdgeHandler::Handle(HttpRequest request, const Visitor& visitor, AnswerCallback done) {
  auto stay = running_.Stay();
  auto exchange = std::make_shared<Exchange>(recorder_.Begin(request));
  const Facade* facade = IsForFacade(request) ? facade_ : nullptr;
  const Dialect* dialect = facade == nullptr ? &DialectOf(request) : nullptr;
  const Tongue& tongue = facade == nullptr ? static_cast<const Tongue&>(*dialect) : *facade;
  const auto arrived = std::make_shared<Arrived>(
      Arrived{std::move(request), tongue, dialect, facade, std::move(done), std::move(exchange), {}});
  arrived->recognized = CheckForm(arrived->request);
  if (arrived->recognized.ok()) {
    if (auto unasked = AnswerUnasked(arrived->request, *arrived->exchange)) {
      return Answer(*arrived, Finish(*arrived->exchange, *std::move(unasked)));
    }
    arrived->recognized = Recognize(tongue, arrived->request, *arrived->exchange);
  }
  return admission_.Admit(
      visitor, CredentialsOf(arrived->request),
      [this, arrived, stay = std::move(stay)](const absl::Status& admitted) { return Proceed(arrived, admitted); });
}

absl::Status EdgeHandler::Recognize(const Tongue& tongue, const HttpRequest& request, Exchange& exchange) const {
  exchange.page = pages_.Find(PathOf(request));
  return exchange.page != nullptr ? RecognizePage(request, exchange) : tongue.Recognize(request, exchange);
}

GiveUp EdgeHandler::Proceed(const std::shared_ptr<Arrived>& arrived, const absl::Status& admitted) {
  const Tongue& tongue = arrived->tongue;
  const std::shared_ptr<Exchange>& exchange = arrived->exchange;
  if (!admitted.ok()) return Answer(*arrived, Fail(tongue, *exchange, admitted));
  if (!arrived->recognized.ok()) return Answer(*arrived, Fail(tongue, *exchange, arrived->recognized));
  if (exchange->page != nullptr) return Show(*arrived);
  if (arrived->facade != nullptr) return Ask(*arrived->facade, *arrived);
  const Dialect& dialect = *arrived->dialect;
  auto call = ReadIfThereIsRoom(*arrived);
  if (!call.ok()) return Answer(*arrived, Fail(dialect, *exchange, call.status()));
  // From here on nothing keeps the request.
  if (exchange->is_stream) return Stream(dialect, exchange, *std::move(call), arrived->done);
  return upstream_.Call(*std::move(call), [this, &dialect, exchange, done = arrived->done,
                                           stay = running_.Stay()](const absl::StatusOr<std::string>& response) {
    done(Answer(dialect, *exchange, response), nullptr);
  });
}

GiveUp EdgeHandler::Ask(const Facade& facade, const Arrived& arrived) {
  return facade.Answer(arrived.request, *arrived.exchange, upstream_,
                       [this, &facade, exchange = arrived.exchange, done = arrived.done,
                        stay = running_.Stay()](absl::StatusOr<HttpAnswer> answer) {
                         if (!answer.ok()) return done(Fail(facade, *exchange, answer.status()), nullptr);
                         done(Finish(*exchange, *std::move(answer)), nullptr);
                       });
}

absl::StatusOr<UpstreamCall> EdgeHandler::ReadIfThereIsRoom(const Arrived& arrived) const {
  Exchange& exchange = *arrived.exchange;
  const std::string method = exchange.route != nullptr ? exchange.route->GrpcPath() : exchange.rpc->path;
  LUMBAR_RETURN_IF_ERROR(upstream_.CheckRoom(method, exchange.is_stream));
  return arrived.dialect->Read(arrived.request, exchange);
}

GiveUp EdgeHandler::Show(const Arrived& arrived) const {
  const Exchange& exchange = *arrived.exchange;
  const ServedPage& page = *exchange.page;
  HttpAnswer answer = Dress(exchange, page.Answer(exchange.if_none_match));
  const bool is_sent = answer.result() == http::status::ok;
  recorder_.Finish(exchange, static_cast<int>(answer.result_int()), is_sent ? page.size() : 0, false);
  arrived.done(std::move(answer), is_sent && page.is_large() ? page.Body() : nullptr);
  return nullptr;
}

GiveUp EdgeHandler::Answer(const Arrived& arrived, HttpAnswer answer) {
  arrived.done(std::move(answer), nullptr);
  return nullptr;
}

// A stream that fails before its first message is answered as any call that fails.
GiveUp EdgeHandler::Stream(const Dialect& dialect, const std::shared_ptr<Exchange>& exchange, UpstreamCall call,
                           AnswerCallback done) {
  running_.Enter();
  const auto has_begun = std::make_shared<bool>(false);
  const auto begun = [this, &dialect, exchange, has_begun, done = std::move(done)](const absl::Status& status,
                                                                                   std::shared_ptr<BodySource> body) {
    if (!status.ok()) return done(Fail(dialect, *exchange, status), nullptr);
    *has_begun = true;
    done(Dress(*exchange, dialect.BeginStream(*exchange)), std::move(body));
  };
  const auto over = [this, exchange, has_begun](const absl::Status& status, size_t bytes) {
    if (*has_begun) {
      exchange->reason = ReasonOf(status);
      recorder_.Finish(*exchange, 200, bytes, status.code() == absl::StatusCode::kInternal);
    }
  };
  const auto streamed = std::make_shared<StreamedBody>(dialect, exchange, begun, over, [this] { running_.Leave(); });
  return streamed->Attach(upstream_.Open(std::move(call), streamed));
}

bool EdgeHandler::IsForFacade(const HttpRequest& request) const {
  return facade_ != nullptr && facade_->Owns(PathOf(request));
}

const Dialect& EdgeHandler::DialectOf(const HttpRequest& request) const {
  if (!catalog_.IsRpc(PathOf(request))) return *rest_;
  return GrpcWebDialect::Speaks(View(request[http::field::content_type])) ? *grpc_web_ : *connect_;
}

std::optional<HttpAnswer> EdgeHandler::AnswerUnasked(const HttpRequest& request, Exchange& exchange) const {
  // To refuse it would cost as much.
  if (cors_.IsPreflight(request)) {
    exchange.route_label = "preflight";
    return Cors::Preflight();
  }
  if (!IsReading(request) || PathOf(request) != "/healthz") return std::nullopt;
  exchange.route_label = "/healthz";
  if (is_ready_()) return JsonAnswer(R"({"status":"serving"})");
  exchange.reason = "NOT_READY";
  return ErrorAnswer(NotReady());
}

HttpAnswer EdgeHandler::Answer(const Dialect& dialect, Exchange& exchange,
                               const absl::StatusOr<std::string>& response) const {
  if (!response.ok()) return Fail(dialect, exchange, response.status());
  auto answer = dialect.Write(exchange, *response);
  if (!answer.ok()) return Fail(dialect, exchange, answer.status());
  if (exchange.keeping == Keeping::kPublic) {
    MakeConditional(exchange.if_none_match, EtagOf(answer->body()), *answer);
  }
  return Finish(exchange, *std::move(answer));
}

HttpAnswer EdgeHandler::Fail(const Tongue& tongue, Exchange& exchange, const absl::Status& failure) const {
  exchange.reason = ReasonOf(failure);
  return Finish(exchange, tongue.Refuse(exchange, failure));
}

HttpAnswer EdgeHandler::Dress(const Exchange& exchange, HttpAnswer answer) const {
  recorder_.Dress(exchange, answer);
  cors_.Allow(exchange.origin, answer);
  return answer;
}

HttpAnswer EdgeHandler::Finish(const Exchange& exchange, HttpAnswer answer) const {
  answer = Dress(exchange, std::move(answer));
  const auto code = static_cast<int>(answer.result_int());
  recorder_.Finish(exchange, code, answer.body().size(), code >= 500);
  return answer;
}

HttpAnswer EdgeHandler::Refuse(const absl::Status& failure) const {
  Exchange exchange = recorder_.BeginUnreadable();
  return Fail(*rest_, exchange, failure);
}

}  // namespace lumbar::gateway
