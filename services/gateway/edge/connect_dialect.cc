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

std::optional<Codec> CodecOf(absl::string_view content_type) {
  const auto bare = absl::AsciiStrToLower(absl::StripAsciiWhitespace(content_type.substr(0, content_type.find(';'))));
  absl::string_view name = bare;
  if (!absl::ConsumePrefix(&name, "application/")) return std::nullopt;
  return CodecNamed(name);
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

}  // namespace

absl::StatusOr<UpstreamCall> ConnectDialect::Read(const HttpRequest& request, Exchange& exchange) const {
  exchange.protocol = "connect";
  exchange.rpc = catalog_.Find(PathOf(request));
  if (exchange.rpc == nullptr) return RouteNotFound();
  exchange.route_label = exchange.rpc->path;
  exchange.rpc_name = exchange.rpc->method->full_name();
  if (!exchange.rpc->served) return NotServedYet();
  UpstreamCall call;
  call.method = exchange.rpc->path;
  LUMBAR_ASSIGN_OR_RETURN(call.time_left, CallTime(request));
  LUMBAR_ASSIGN_OR_RETURN(call.metadata, ForwardedMetadata(exchange, request));
  if (request.method() == http::verb::post) {
    LUMBAR_ASSIGN_OR_RETURN(call.request, ReadPost(request, exchange));
    return call;
  }
  const bool reads = exchange.rpc->IsReading();
  if (!reads || (request.method() != http::verb::get && request.method() != http::verb::head)) {
    exchange.allowed = reads ? "GET, HEAD, POST" : "POST";
    return MethodNotAllowed(exchange.allowed);
  }
  LUMBAR_ASSIGN_OR_RETURN(call.request, ReadGet(request, exchange));
  return call;
}

absl::StatusOr<std::string> ConnectDialect::ReadPost(const HttpRequest& request, Exchange& exchange) const {
  const auto codec = CodecOf(View(request[http::field::content_type]));
  if (!codec) return RpcMediaType();
  exchange.codec = *codec;
  LUMBAR_RETURN_IF_ERROR(CheckVersion(View(request[kVersionHeader]), "1"));
  if (IsCompressed(View(request[http::field::content_encoding]))) return rpc::MessageCompressed();
  if (*codec == Codec::kProto) return request.body();
  return MessageFromJson(*exchange.rpc->method->input_type(), request.body());
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

absl::StatusOr<absl::Duration> ConnectDialect::CallTime(const HttpRequest& request) const {
  const absl::string_view text = View(request[kConnectTimeout]);
  if (text.empty()) return limits_.call_time;
  int64_t milliseconds = 0;
  if (text.size() > kMostTimeoutDigits || !absl::SimpleAtoi(text, &milliseconds) || milliseconds < 0) {
    return InvalidField(kConnectTimeout, "give milliseconds, up to ten digits");
  }
  return std::min(absl::Milliseconds(milliseconds), limits_.max_call_time);
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

HttpAnswer ConnectDialect::Refuse(const Exchange& exchange, const absl::Status& failure) const {
  const google::rpc::Status wire = ToRpcStatus(failure);
  Json error = {{"code", ConnectCode(failure.code())}, {"message", wire.message()}};
  if (wire.details_size() > 0) error["details"] = ErrorDetails(wire);
  HttpAnswer answer = ErrorAnswer(failure);
  answer.body() = error.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (!exchange.allowed.empty()) answer.set(http::field::allow, exchange.allowed);
  return answer;
}

}  // namespace lumbar::gateway
