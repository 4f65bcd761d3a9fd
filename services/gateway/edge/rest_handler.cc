#include "services/gateway/edge/rest_handler.h"

#include <absl/strings/ascii.h>
#include <absl/strings/match.h>
#include <absl/strings/numbers.h>
#include <absl/strings/str_join.h>
#include <absl/strings/str_split.h>
#include <nlohmann/json.hpp>

#include <algorithm>

#include "common/status/errors.h"
#include "common/status/macros.h"
#include "services/gateway/edge/answers.h"
#include "services/gateway/edge/conditional.h"
#include "services/gateway/edge/errors.h"
#include "services/gateway/edge/transcoder.h"

namespace lumbar::gateway {
namespace {

// Twilio's, and of who speaks its form.
constexpr char kSignatureHeader[] = "X-Twilio-Signature";
constexpr absl::string_view kTimeoutHeader = "X-Request-Timeout";

std::string Index(const RouteTable& table) {
  auto methods = nlohmann::ordered_json::array();
  for (const auto& route : table.routes()) {
    if (!route.served) continue;
    methods.push_back(
        {{"http", absl::StrCat(route.http_method, " ", route.path_template)}, {"rpc", route.method->full_name()}});
  }
  return nlohmann::ordered_json({{"name", "Lumbar"},
                                 {"about", "Virtual back-pain care: triage, articles, visits."},
                                 {"health", "/healthz"},
                                 {"methods", std::move(methods)}})
      .dump();
}

absl::Status CheckForm(const HttpRequest& request) {
  if (request.version() != 10 && request.version() != 11) return MalformedRequest("speak HTTP/1.1");
  if (request.version() == 11 && request.count(http::field::host) != 1) {
    return MalformedRequest("HTTP/1.1 needs one Host header");
  }
  if (!absl::StartsWith(View(request.target()), "/")) return MalformedRequest("the address must begin with '/'");
  return absl::OkStatus();
}

// A form or plain text could come from any web page without its browser asking us first; JSON can't.
absl::Status CheckMediaType(const HttpRequest& request) {
  if (request.body().empty()) return absl::OkStatus();
  const absl::string_view type = View(request[http::field::content_type]);
  const auto bare = absl::StripAsciiWhitespace(type.substr(0, type.find(';')));
  const bool is_plain = request.count(http::field::content_encoding) == 0;
  return is_plain && absl::EqualsIgnoreCase(bare, "application/json") ? absl::OkStatus() : UnsupportedMediaType();
}

// Only what the services need goes on; grpc++ aborts on a value that isn't printable ASCII.
absl::StatusOr<std::vector<std::pair<std::string, std::string>>> Metadata(const HttpRequest& request,
                                                                          const Exchange& exchange) {
  std::vector<std::pair<std::string, std::string>> metadata = {{"traceparent", FormatTraceparent(exchange.trace)},
                                                               {"x-request-id", exchange.request_id}};
  const auto count = request.count(http::field::authorization);
  if (count == 0) return metadata;
  const absl::string_view value = View(request[http::field::authorization]);
  const bool printable = std::all_of(value.begin(), value.end(), [](char c) { return c >= ' ' && c <= '~'; });
  if (count > 1 || !printable) return MalformedRequest("send one Authorization header of printable ASCII");
  metadata.emplace_back("authorization", value);
  return metadata;
}

absl::StatusOr<HttpAnswer> Translate(const Route& route, const std::string& response) {
  if (route.is_file) {
    LUMBAR_ASSIGN_OR_RETURN(google::api::HttpBody file, DecodeFile(route, response));
    const bool is_shown = route.is_public_reading || route.is_callback;
    return FileAnswer(std::move(file), is_shown ? "" : route.FileName());
  }
  LUMBAR_ASSIGN_OR_RETURN(std::string json, DecodeResponse(route, response));
  return JsonAnswer(std::move(json));
}

}  // namespace

RestHandler::RestHandler(RouteTable routes, Upstream& upstream, std::function<bool()> is_ready, const Limits& limits,
                         ExchangeRecorder recorder)
    : routes_(std::move(routes)),
      index_(Index(routes_)),
      upstream_(upstream),
      is_ready_(std::move(is_ready)),
      limits_(limits),
      recorder_(std::move(recorder)) {}

void RestHandler::Handle(const HttpRequest& request, AnswerCallback done) {
  auto exchange = std::make_shared<Exchange>(recorder_.Begin(request));
  if (const absl::Status form = CheckForm(request); !form.ok()) return done(Fail(*exchange, form));
  if (auto answer = AnswerHere(request, *exchange)) {
    recorder_.Finish(*exchange, *answer);
    return done(*std::move(answer));
  }
  std::string allowed;
  auto call = Prepare(request, *exchange, allowed);
  if (!call.ok()) {
    HttpAnswer answer = Fail(*exchange, call.status());
    if (!allowed.empty()) answer.set(http::field::allow, allowed);
    return done(std::move(answer));
  }
  upstream_.Call(*std::move(call),
                 [this, exchange, done = std::move(done)](const absl::StatusOr<std::string>& response) {
                   done(Answer(*exchange, response));
                 });
}

std::optional<HttpAnswer> RestHandler::AnswerHere(const HttpRequest& request, Exchange& exchange) const {
  if (request.method() != http::verb::get && request.method() != http::verb::head) return std::nullopt;
  const std::string path(View(request.target()).substr(0, View(request.target()).find('?')));
  if (path != "/" && path != "/healthz") return std::nullopt;
  exchange.route_label = path;
  if (path == "/") return JsonAnswer(index_);
  if (is_ready_()) return JsonAnswer(R"({"status":"serving"})");
  exchange.reason = "NOT_READY";
  return ErrorAnswer(NotReady());
}

absl::StatusOr<UpstreamCall> RestHandler::Prepare(const HttpRequest& request, Exchange& exchange,
                                                  std::string& allowed) const {
  const std::pair<absl::string_view, absl::string_view> target =
      absl::StrSplit(View(request.target()), absl::MaxSplits('?', 1));
  LUMBAR_ASSIGN_OR_RETURN(RouteTable::Match match, routes_.Find(View(request.method_string()), target.first));
  if (match.route == nullptr) {
    if (target.first == "/" || target.first == "/healthz") match.allowed = {"GET"};
    if (match.allowed.empty()) return RouteNotFound();
    if (std::count(match.allowed.begin(), match.allowed.end(), "GET") > 0) match.allowed.push_back("HEAD");
    allowed = absl::StrJoin(match.allowed, ", ");
    return MethodNotAllowed(allowed);
  }
  exchange.route = match.route;
  exchange.route_label = match.route->path_template;
  if (!match.route->served) return NotServedYet();
  UpstreamCall call;
  LUMBAR_ASSIGN_OR_RETURN(call.time_left, CallTime(request));
  LUMBAR_ASSIGN_OR_RETURN(call.metadata, Metadata(request, exchange));
  if (match.route->is_callback) {
    const RawRequest raw{View(request.target()), View(request[http::field::content_type]),
                         View(request[kSignatureHeader]), request.body()};
    LUMBAR_ASSIGN_OR_RETURN(call.request, EncodeCallback(*match.route, match.bindings, raw));
  } else {
    LUMBAR_RETURN_IF_ERROR(CheckMediaType(request));
    LUMBAR_ASSIGN_OR_RETURN(call.request, EncodeRequest(*match.route, match.bindings, target.second, request.body()));
  }
  call.method = match.route->GrpcPath();
  return call;
}

absl::StatusOr<absl::Duration> RestHandler::CallTime(const HttpRequest& request) const {
  const auto header = request.find(boost::beast::string_view(kTimeoutHeader.data(), kTimeoutHeader.size()));
  if (header == request.end()) return limits_.call_time;
  double seconds = 0;
  if (!absl::SimpleAtod(View(header->value()), &seconds) || !(seconds > 0)) {
    return InvalidField(kTimeoutHeader, "give seconds, e.g. 2.5");
  }
  return std::min(absl::Seconds(seconds), limits_.max_call_time);
}

HttpAnswer RestHandler::Answer(Exchange& exchange, const absl::StatusOr<std::string>& response) const {
  if (!response.ok()) return Fail(exchange, response.status());
  auto answer = Translate(*exchange.route, *response);
  if (!answer.ok()) return Fail(exchange, answer.status());
  if (exchange.route->is_public_reading) MakeConditional(exchange.if_none_match, *answer);
  recorder_.Finish(exchange, *answer);
  return *std::move(answer);
}

HttpAnswer RestHandler::Fail(Exchange& exchange, const absl::Status& failure) const {
  exchange.reason = ReasonOf(failure);
  HttpAnswer answer = ErrorAnswer(failure);
  recorder_.Finish(exchange, answer);
  return answer;
}

HttpAnswer RestHandler::Refuse(const absl::Status& failure) const {
  Exchange exchange = recorder_.BeginUnreadable();
  return Fail(exchange, failure);
}

}  // namespace lumbar::gateway
