#include "services/gateway/edge/connect_dialect.h"

#include <absl/strings/ascii.h>
#include <absl/strings/escaping.h>
#include <absl/strings/match.h>
#include <absl/strings/numbers.h>
#include <absl/strings/strip.h>
#include <google/protobuf/util/json_util.h>
#include <google/rpc/status.pb.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>

#include "common/rpc/errors.h"
#include "common/rpc/grpc_wire.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "services/gateway/edge/answers.h"
#include "services/gateway/edge/errors.h"
#include "services/gateway/edge/forwarding.h"
#include "services/gateway/edge/transcoder.h"

namespace lumbar::gateway {
namespace {

using Json = nlohmann::ordered_json;

constexpr char kVersionHeader[] = "Connect-Protocol-Version";
constexpr char kConnectTimeout[] = "Connect-Timeout-Ms";
constexpr size_t kMostTimeoutDigits = 10;

std::optional<Codec> CodecNamed(absl::string_view name) {
  if (name == "proto") return Codec::kProto;
  if (name == "json") return Codec::kJson;
  return std::nullopt;
}

// "application/json", and "application/connect+json" for a stream.
std::optional<Codec> CodecOf(absl::string_view content_type, bool is_stream) {
  const auto bare = absl::AsciiStrToLower(absl::StripAsciiWhitespace(content_type.substr(0, content_type.find(';'))));
  absl::string_view name = bare;
  if (!absl::ConsumePrefix(&name, is_stream ? "application/connect+" : "application/")) return std::nullopt;
  return CodecNamed(name);
}

// A frame of a stream is gRPC's, with a flag of its own for the last.
constexpr char kEndFlag = '\2';

std::string StreamType(const Exchange& exchange) {
  return exchange.codec == Codec::kJson ? "application/connect+json" : "application/connect+proto";
}

absl::Status CheckVersion(absl::string_view version, absl::string_view expected) {
  return version.empty() || version == expected
             ? absl::OkStatus()
             : MalformedRequest("only version 1 of Connect's protocol is spoken here");
}

bool IsCompressed(absl::string_view encoding) { return !encoding.empty() && encoding != "identity"; }

// "invalid_argument" and so on; Connect spells one code in American English.
std::string ConnectCode(absl::StatusCode code) {
  return code == absl::StatusCode::kCancelled ? "canceled" : absl::AsciiStrToLower(CodeName(code));
}

Json ErrorDetails(const google::rpc::Status& wire) {
  Json details = Json::array();
  for (const auto& any : wire.details()) {
    const absl::string_view url = any.type_url();
    std::string value = absl::Base64Escape(any.value());
    value.erase(value.find_last_not_of('=') + 1);
    Json detail = {{"type", url.substr(url.rfind('/') + 1)}, {"value", value}};
    std::string shown;
    if (google::protobuf::util::MessageToJsonString(any, &shown).ok()) {
      detail["debug"] = Json::parse(shown, nullptr, /*allow_exceptions=*/false);
      detail["debug"].erase("@type");
    }
    details.push_back(std::move(detail));
  }
  return details;
}

Json ErrorOf(const absl::Status& failure) {
  const google::rpc::Status wire = ToRpcStatus(failure);
  Json error = {{"code", ConnectCode(failure.code())}, {"message", wire.message()}};
  if (wire.details_size() > 0) error["details"] = ErrorDetails(wire);
  return error;
}

std::string Text(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

}  // namespace

absl::Status ConnectDialect::Recognize(const HttpRequest& request, Exchange& exchange) const {
  exchange.protocol = "connect";
  if (!exchange.Names(catalog_.Find(PathOf(request)))) return RouteNotFound();
  LUMBAR_RETURN_IF_ERROR(ReadForm(request, exchange));
  return exchange.rpc->served ? absl::OkStatus() : NotServedYet();
}

absl::StatusOr<UpstreamCall> ConnectDialect::Read(const HttpRequest& request, Exchange& exchange) const {
  UpstreamCall call;
  call.method = exchange.rpc->path;
  LUMBAR_ASSIGN_OR_RETURN(call.time_left, CallTime(request, exchange.is_stream));
  LUMBAR_ASSIGN_OR_RETURN(call.metadata, ForwardedMetadata(exchange, request));
  if (request.method() == http::verb::post) {
    LUMBAR_ASSIGN_OR_RETURN(call.request, ReadPost(request, exchange));
    return call;
  }
  LUMBAR_ASSIGN_OR_RETURN(call.request, ReadGet(request, exchange));
  return call;
}

// How the request and its answer are written, on which all refusals that follow depend.
absl::Status ConnectDialect::ReadForm(const HttpRequest& request, Exchange& exchange) {
  const bool streams = exchange.rpc->method->server_streaming();
  if (request.method() != http::verb::post) {
    const bool reads = exchange.rpc->IsReading() && !streams;
    if (reads && (request.method() == http::verb::get || request.method() == http::verb::head)) return absl::OkStatus();
    exchange.allowed = reads ? "GET, HEAD, POST" : "POST";
    return MethodNotAllowed(exchange.allowed);
  }
  const auto codec = CodecOf(View(request[http::field::content_type]), streams);
  if (!codec) return RpcMediaType();
  exchange.codec = *codec;
  exchange.is_stream = streams;
  return absl::OkStatus();
}

absl::StatusOr<std::string> ConnectDialect::ReadPost(const HttpRequest& request, const Exchange& exchange) const {
  LUMBAR_RETURN_IF_ERROR(CheckVersion(View(request[kVersionHeader]), "1"));
  const auto encoding =
      exchange.is_stream ? request["Connect-Content-Encoding"] : request[http::field::content_encoding];
  if (IsCompressed(View(encoding))) return rpc::MessageCompressed();
  absl::string_view message = request.body();
  if (exchange.is_stream) {
    LUMBAR_ASSIGN_OR_RETURN(message, rpc::MessageIn(request.body()));
  }
  if (exchange.codec == Codec::kProto) return std::string(message);
  return MessageFromJson(*exchange.rpc->method->input_type(), message);
}

absl::StatusOr<std::string> ConnectDialect::ReadGet(const HttpRequest& request, Exchange& exchange) const {
  const absl::string_view target = View(request.target());
  const size_t mark = target.find('?');
  LUMBAR_ASSIGN_OR_RETURN(const std::vector<Binding> parameters,
                          ReadQuery(mark == absl::string_view::npos ? "" : target.substr(mark + 1)));
  const auto parameter = [&](absl::string_view name) -> absl::string_view {
    const auto found = std::find_if(parameters.begin(), parameters.end(),
                                    [&](const Binding& binding) { return binding.field_path == name; });
    return found == parameters.end() ? absl::string_view() : absl::string_view(found->value);
  };
  const auto codec = CodecNamed(parameter("encoding"));
  if (!codec) return MalformedRequest("the query's `encoding` must be json or proto");
  exchange.codec = *codec;
  LUMBAR_RETURN_IF_ERROR(CheckVersion(parameter("connect"), "v1"));
  if (IsCompressed(parameter("compression"))) return rpc::MessageCompressed();
  std::string message(parameter("message"));
  if (parameter("base64") == "1" && !absl::WebSafeBase64Unescape(parameter("message"), &message)) {
    return MalformedRequest("the query's `message` isn't URL-safe base64");
  }
  if (exchange.rpc->is_public_reading) exchange.keeping = Keeping::kPublic;
  if (*codec == Codec::kJson) {
    LUMBAR_ASSIGN_OR_RETURN(message, MessageFromJson(*exchange.rpc->method->input_type(), message));
  }
  LUMBAR_RETURN_IF_ERROR(CheckFreeOfPatientData(*exchange.rpc->method->input_type(), message));
  return message;
}

absl::StatusOr<absl::Duration> ConnectDialect::CallTime(const HttpRequest& request, bool is_stream) const {
  const absl::string_view text = View(request[kConnectTimeout]);
  if (text.empty()) return limits_.TimeOf(std::nullopt, is_stream);
  int64_t milliseconds = 0;
  if (text.size() > kMostTimeoutDigits || !absl::SimpleAtoi(text, &milliseconds) || milliseconds < 0) {
    return InvalidField(kConnectTimeout, "give milliseconds, up to ten digits");
  }
  return limits_.TimeOf(absl::Milliseconds(milliseconds), is_stream);
}

absl::StatusOr<HttpAnswer> ConnectDialect::Write(const Exchange& exchange, const std::string& response) const {
  if (exchange.codec == Codec::kJson) {
    LUMBAR_ASSIGN_OR_RETURN(std::string json, MessageToJson(*exchange.rpc->method->output_type(), response));
    return JsonAnswer(std::move(json));
  }
  HttpAnswer answer(http::status::ok, 11);
  answer.set(http::field::content_type, "application/proto");
  answer.body() = response;
  return answer;
}

HttpAnswer ConnectDialect::BeginStream(const Exchange& exchange) const {
  HttpAnswer answer(http::status::ok, 11);
  answer.set(http::field::content_type, StreamType(exchange));
  return answer;
}

absl::StatusOr<std::string> ConnectDialect::Piece(const Exchange& exchange, const std::string& message) const {
  if (exchange.codec == Codec::kProto) return rpc::FrameOf(absl::string_view(message));
  LUMBAR_ASSIGN_OR_RETURN(const std::string json, MessageToJson(*exchange.rpc->method->output_type(), message));
  return rpc::FrameOf(absl::string_view(json));
}

std::string ConnectDialect::LastPiece(const Exchange&, const absl::Status& status) const {
  Json end = Json::object();
  if (!status.ok()) end["error"] = ErrorOf(status);
  std::string frame = rpc::FrameOf(absl::string_view(Text(end)));
  frame.front() = kEndFlag;
  return frame;
}

HttpAnswer ConnectDialect::Refuse(const Exchange& exchange, const absl::Status& failure) const {
  if (exchange.is_stream) {
    HttpAnswer answer = BeginStream(exchange);
    SetRetryAfter(failure, answer);
    answer.body() = LastPiece(exchange, failure);
    return answer;
  }
  HttpAnswer answer = ErrorAnswer(failure);
  answer.body() = Text(ErrorOf(failure));
  if (!exchange.allowed.empty()) answer.set(http::field::allow, exchange.allowed);
  return answer;
}

}  // namespace lumbar::gateway
