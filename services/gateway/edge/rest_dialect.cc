#include "services/gateway/edge/rest_dialect.h"

#include <absl/strings/ascii.h>
#include <absl/strings/match.h>
#include <absl/strings/numbers.h>
#include <absl/strings/str_join.h>

#include <algorithm>

#include "common/status/errors.h"
#include "common/status/macros.h"
#include "services/gateway/edge/answers.h"
#include "services/gateway/edge/errors.h"
#include "services/gateway/edge/forwarding.h"
#include "services/gateway/edge/transcoder.h"

namespace lumbar::gateway {
namespace {

// Twilio's, and of who speaks its form.
constexpr char kSignatureHeader[] = "X-Twilio-Signature";
constexpr absl::string_view kTimeoutHeader = "X-Request-Timeout";
// The field by which a stream's message tells its place, and a request where to go on.
constexpr char kPlace[] = "resume_token";

// A form or plain text could come from any web page without its browser asking us first; JSON can't.
absl::Status CheckMediaType(const HttpRequest& request) {
  if (request.body().empty()) return absl::OkStatus();
  const absl::string_view type = View(request[http::field::content_type]);
  const auto bare = absl::StripAsciiWhitespace(type.substr(0, type.find(';')));
  const bool is_plain = request.count(http::field::content_encoding) == 0;
  return is_plain && absl::EqualsIgnoreCase(bare, "application/json") ? absl::OkStatus() : UnsupportedMediaType();
}

Keeping KeepingOf(const Route& route) {
  if (route.is_public_reading) return Keeping::kPublic;
  return route.is_file ? Keeping::kPrivate : Keeping::kNever;
}

bool IsLine(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

// A client that lost its events asks for those after the last one that it got, whatever its address says.
absl::StatusOr<std::string> WithPlace(const Route& route, const HttpRequest& request, std::string encoded) {
  const absl::string_view place = View(request["Last-Event-ID"]);
  if (!route.streams || place.empty()) return encoded;
  if (!IsLine(place)) return MalformedRequest("Last-Event-ID isn't one that was sent");
  return WithTextField(*route.method->input_type(), encoded, kPlace, place);
}

absl::StatusOr<std::string> Encode(const Route& route, const std::vector<Binding>& bindings,
                                   const HttpRequest& request) {
  const absl::string_view target = View(request.target());
  if (route.is_callback) {
    return EncodeCallback(
        route, bindings,
        {target, View(request[http::field::content_type]), View(request[kSignatureHeader]), request.body()});
  }
  LUMBAR_RETURN_IF_ERROR(CheckMediaType(request));
  const size_t mark = target.find('?');
  const absl::string_view query = mark == absl::string_view::npos ? "" : target.substr(mark + 1);
  return EncodeRequest(route, bindings, query, request.body());
}

}  // namespace

absl::Status RestDialect::Recognize(const HttpRequest& request, Exchange& exchange) const {
  const absl::string_view path = PathOf(request);
  LUMBAR_ASSIGN_OR_RETURN(RouteTable::Match match, routes_.Find(View(request.method_string()), path));
  if (match.route == nullptr) {
    if (path == "/healthz") match.allowed = {"GET"};
    if (match.allowed.empty()) return RouteNotFound();
    if (std::count(match.allowed.begin(), match.allowed.end(), "GET") > 0) match.allowed.push_back("HEAD");
    exchange.allowed = absl::StrJoin(match.allowed, ", ");
    return MethodNotAllowed(exchange.allowed);
  }
  exchange.route = match.route;
  exchange.route_label = match.route->path_template;
  exchange.rpc_name = match.route->method->full_name();
  exchange.keeping = KeepingOf(*match.route);
  exchange.bindings = std::move(match.bindings);
  if (!match.route->served) return NotServedYet();
  exchange.is_stream = match.route->streams;
  return absl::OkStatus();
}

absl::StatusOr<UpstreamCall> RestDialect::Read(const HttpRequest& request, Exchange& exchange) const {
  const Route& route = *exchange.route;
  UpstreamCall call;
  call.method = route.GrpcPath();
  LUMBAR_ASSIGN_OR_RETURN(call.time_left, CallTime(request, exchange.is_stream));
  LUMBAR_ASSIGN_OR_RETURN(call.metadata, ForwardedMetadata(exchange, request));
  LUMBAR_ASSIGN_OR_RETURN(std::string encoded, Encode(route, exchange.bindings, request));
  LUMBAR_ASSIGN_OR_RETURN(call.request, WithPlace(route, request, std::move(encoded)));
  return call;
}

absl::StatusOr<absl::Duration> RestDialect::CallTime(const HttpRequest& request, bool is_stream) const {
  const auto header = request.find(View(kTimeoutHeader));
  if (header == request.end()) return limits_.TimeOf(std::nullopt, is_stream);
  double seconds = 0;
  if (!absl::SimpleAtod(View(header->value()), &seconds) || !(seconds > 0)) {
    return InvalidField(kTimeoutHeader, "give seconds, e.g. 2.5");
  }
  return limits_.TimeOf(absl::Seconds(seconds), is_stream);
}

absl::StatusOr<HttpAnswer> RestDialect::Write(const Exchange& exchange, const std::string& response) const {
  const Route& route = *exchange.route;
  if (route.is_file) {
    LUMBAR_ASSIGN_OR_RETURN(google::api::HttpBody file, DecodeFile(route, response));
    const bool is_shown = route.is_public_reading || route.is_callback;
    return FileAnswer(std::move(file), is_shown ? "" : route.FileName());
  }
  LUMBAR_ASSIGN_OR_RETURN(std::string json, DecodeResponse(route, response));
  return JsonAnswer(std::move(json));
}

HttpAnswer RestDialect::BeginStream(const Exchange&) const {
  HttpAnswer answer(http::status::ok, 11);
  answer.set(http::field::content_type, "text/event-stream");
  return answer;
}

absl::StatusOr<std::string> RestDialect::Piece(const Exchange& exchange, const std::string& message) const {
  LUMBAR_ASSIGN_OR_RETURN(const std::string json, DecodeResponse(*exchange.route, message));
  LUMBAR_ASSIGN_OR_RETURN(const std::string place, TextField(*exchange.route->method->output_type(), message, kPlace));
  return absl::StrCat(place.empty() || !IsLine(place) ? "" : absl::StrCat("id: ", place, "\n"), "data: ", json, "\n\n");
}

std::string RestDialect::LastPiece(const Exchange&, const absl::Status& status) const {
  return status.ok() ? "" : absl::StrCat("event: error\ndata: ", ErrorAnswer(status).body(), "\n\n");
}

HttpAnswer RestDialect::Refuse(const Exchange& exchange, const absl::Status& failure) const {
  HttpAnswer answer = ErrorAnswer(failure);
  if (!exchange.allowed.empty()) answer.set(http::field::allow, exchange.allowed);
  return answer;
}

}  // namespace lumbar::gateway
