#include "services/gateway/edge/grpc_web_dialect.h"

#include <absl/strings/ascii.h>
#include <absl/strings/escaping.h>
#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/strip.h>

#include <optional>
#include <utility>

#include "common/rpc/errors.h"
#include "common/rpc/grpc_wire.h"
#include "common/status/macros.h"
#include "services/gateway/edge/answers.h"
#include "services/gateway/edge/errors.h"
#include "services/gateway/edge/forwarding.h"
#include "services/gateway/edge/transcoder.h"

namespace lumbar::gateway {
namespace {

constexpr absl::string_view kType = "application/grpc-web";
// What a frame begins with that holds the trailer.
constexpr char kTrailerFlag = '\x80';

absl::Status ReadType(absl::string_view content_type, Exchange& exchange) {
  const auto bare = absl::AsciiStrToLower(absl::StripAsciiWhitespace(content_type.substr(0, content_type.find(';'))));
  absl::string_view rest = bare;
  absl::ConsumePrefix(&rest, kType);
  exchange.is_text = absl::ConsumePrefix(&rest, "-text");
  exchange.codec = rest == "+json" ? Codec::kJson : Codec::kProto;
  return rest.empty() || rest == "+proto" || rest == "+json" ? absl::OkStatus() : RpcMediaType();
}

std::string TypeOf(const Exchange& exchange) {
  return absl::StrCat(kType, exchange.is_text ? "-text" : "", exchange.codec == Codec::kJson ? "+json" : "+proto");
}

std::string TrailerFrame(const absl::Status& status) {
  std::string text = absl::StrCat("grpc-status: ", static_cast<int>(status.code()), "\r\n");
  if (!status.ok()) {
    absl::StrAppend(&text, "grpc-message: ", rpc::PercentEncoded(status.message()), "\r\n",
                    "grpc-status-details-bin: ", rpc::EncodedDetails(status), "\r\n");
  }
  std::string frame = rpc::FrameOf(absl::string_view(text));
  frame.front() = kTrailerFlag;
  return frame;
}

std::string Armoured(const Exchange& exchange, std::string frames) {
  return exchange.is_text ? absl::Base64Escape(frames) : frames;
}

absl::StatusOr<std::string> MessageOf(const HttpRequest& request, const Exchange& exchange) {
  std::string plain;
  absl::string_view body = request.body();
  if (exchange.is_text) {
    if (!absl::Base64Unescape(body, &plain)) return MalformedRequest("the body isn't base64");
    body = plain;
  }
  LUMBAR_ASSIGN_OR_RETURN(const absl::string_view message, rpc::MessageIn(body));
  if (exchange.codec == Codec::kProto) return std::string(message);
  return MessageFromJson(*exchange.rpc->method->input_type(), message);
}

absl::StatusOr<std::string> FrameOf(const Exchange& exchange, const std::string& message) {
  if (exchange.codec == Codec::kProto) return rpc::FrameOf(absl::string_view(message));
  LUMBAR_ASSIGN_OR_RETURN(const std::string json, MessageToJson(*exchange.rpc->method->output_type(), message));
  return rpc::FrameOf(absl::string_view(json));
}

}  // namespace

bool GrpcWebDialect::Speaks(absl::string_view content_type) {
  if (!absl::StartsWithIgnoreCase(content_type, kType)) return false;
  content_type.remove_prefix(kType.size());
  // Text, a format, or parameters: nothing else that begins so is ours.
  return content_type.empty() || absl::StrContains("-+; ", content_type.front());
}

absl::Status GrpcWebDialect::Recognize(const HttpRequest& request, Exchange& exchange) const {
  exchange.protocol = "grpc-web";
  LUMBAR_RETURN_IF_ERROR(ReadType(View(request[http::field::content_type]), exchange));
  if (!exchange.Names(catalog_.Find(PathOf(request)))) return rpc::MethodUnknown();
  exchange.is_stream = exchange.rpc->method->server_streaming();
  if (!exchange.rpc->served) return NotServedYet();
  return request.method() == http::verb::post ? absl::OkStatus() : MethodNotAllowed("POST");
}

absl::StatusOr<UpstreamCall> GrpcWebDialect::Read(const HttpRequest& request, Exchange& exchange) const {
  UpstreamCall call;
  call.method = exchange.rpc->path;
  std::optional<absl::Duration> asked;
  if (const absl::string_view timeout = View(request["Grpc-Timeout"]); !timeout.empty()) {
    LUMBAR_ASSIGN_OR_RETURN(asked, rpc::ParseTimeout(timeout));
  }
  call.time_left = limits_.TimeOf(asked, exchange.is_stream);
  LUMBAR_ASSIGN_OR_RETURN(call.metadata, ForwardedMetadata(exchange, request));
  LUMBAR_ASSIGN_OR_RETURN(call.request, MessageOf(request, exchange));
  return call;
}

absl::StatusOr<HttpAnswer> GrpcWebDialect::Write(const Exchange& exchange, const std::string& response) const {
  HttpAnswer answer = BeginStream(exchange);
  LUMBAR_ASSIGN_OR_RETURN(answer.body(), FrameOf(exchange, response));
  answer.body() = Armoured(exchange, answer.body() + TrailerFrame(absl::OkStatus()));
  return answer;
}

HttpAnswer GrpcWebDialect::BeginStream(const Exchange& exchange) const {
  HttpAnswer answer(http::status::ok, 11);
  answer.set(http::field::content_type, TypeOf(exchange));
  return answer;
}

absl::StatusOr<std::string> GrpcWebDialect::Piece(const Exchange& exchange, const std::string& message) const {
  LUMBAR_ASSIGN_OR_RETURN(std::string frame, FrameOf(exchange, message));
  return Armoured(exchange, std::move(frame));
}

std::string GrpcWebDialect::LastPiece(const Exchange& exchange, const absl::Status& status) const {
  return Armoured(exchange, TrailerFrame(status));
}

HttpAnswer GrpcWebDialect::Refuse(const Exchange& exchange, const absl::Status& failure) const {
  HttpAnswer answer = BeginStream(exchange);
  SetRetryAfter(failure, answer);
  answer.body() = LastPiece(exchange, failure);
  return answer;
}

}  // namespace lumbar::gateway
