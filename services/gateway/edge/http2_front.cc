#include "services/gateway/edge/http2_front.h"

#include <absl/strings/ascii.h>
#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/strip.h>

#include <algorithm>
#include <vector>

#include "common/rpc/errors.h"
#include "common/rpc/grpc_wire.h"
#include "common/rpc/http2_call.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "services/gateway/edge/errors.h"
#include "services/gateway/edge/forwarding.h"

namespace lumbar::gateway {
namespace {

constexpr absl::string_view kGrpc = "application/grpc";

// Also with a format, of which we have one, or parameters, which mean nothing; gRPC-Web is something else.
bool IsGrpc(absl::string_view type) {
  if (!absl::ConsumePrefix(&type, kGrpc)) return false;
  absl::ConsumePrefix(&type, "+proto");
  return type.empty() || type.front() == ';';
}

HttpRequest AsHttp(const http2::Request& request) {
  HttpRequest http;
  http.version(kHttp2);
  http.method_string(View(request.method()));
  http.target(View(request.path()));
  for (size_t i = 0; i < request.header.size(); ++i) {
    const http2::Field field = request.header[i];
    if (!absl::StartsWith(field.name, ":")) http.insert(View(field.name), View(field.value));
  }
  http.body() = request.body;
  return http;
}

absl::Status HttpFault(http2::Fault fault, const Limits& limits) {
  switch (fault) {
    case http2::Fault::kHeaderTooLarge:
      return HeaderTooLarge(limits.header_bytes);
    case http2::Fault::kBodyTooLarge:
      return BodyTooLarge(limits.body_bytes);
    case http2::Fault::kNoRoom:
      return TooBusy();
    case http2::Fault::kNone:
      break;
  }
  return absl::OkStatus();
}

absl::Status GrpcFault(http2::Fault fault) {
  switch (fault) {
    case http2::Fault::kHeaderTooLarge:
      return rpc::MetadataTooLarge();
    case http2::Fault::kBodyTooLarge:
      return rpc::MessageTooLarge();
    case http2::Fault::kNoRoom:
      return rpc::Overloaded();
    case http2::Fault::kNone:
      break;
  }
  return absl::OkStatus();
}

// On the stream's loop.
void Send(http2::Stream& stream, HttpAnswer answer) {
  const bool has_body = stream.request().method() != "HEAD" && !answer.body().empty();
  if (answer.result() != http::status::not_modified && answer.result() != http::status::no_content) {
    answer.content_length(answer.body().size());
  }
  const std::string status = std::to_string(answer.result_int());
  std::vector<std::string> names;
  names.reserve(std::distance(answer.begin(), answer.end()));
  std::vector<http2::Field> fields = {{":status", status}};
  for (const auto& field : answer) {
    names.push_back(absl::AsciiStrToLower(View(field.name_string())));
    fields.push_back({names.back(), View(field.value())});
  }
  if (!has_body) return stream.Answer(fields);
  stream.Begin(fields);
  stream.Write(std::move(answer.body()));
  stream.End({});
}

void SendGrpc(http2::Stream& stream, const std::string& request_id, const absl::StatusOr<std::string>& response) {
  const http2::Field id = {"x-request-id", request_id};
  if (!response.ok()) return rpc::SendStatus(stream, response.status(), {id});
  rpc::BeginAnswer(stream, {id});
  stream.Write(rpc::FrameOf(absl::string_view(*response)));
  rpc::SendTrailer(stream, absl::OkStatus());
}

}  // namespace

Http2Front::Http2Front(EdgeHandler& handler, Upstream& upstream, const ExchangeRecorder& recorder, const Limits& limits)
    : handler_(handler), upstream_(upstream), recorder_(recorder), limits_(limits) {}

void Http2Front::OnRequest(const std::shared_ptr<http2::Stream>& stream) {
  Enter();
  IsGrpc(stream->request().header.Find("content-type")) ? ForwardGrpc(stream) : ServeHttp(stream);
}

void Http2Front::ServeHttp(const std::shared_ptr<http2::Stream>& stream) {
  const auto done = [this, stream](HttpAnswer answer) {
    stream->OnLoop([stream, answer = std::move(answer)]() mutable { Send(*stream, std::move(answer)); });
    Leave();
  };
  const absl::Status fault = HttpFault(stream->request().fault, limits_);
  fault.ok() ? handler_.Handle(AsHttp(stream->request()), done) : done(handler_.Refuse(fault));
}

void Http2Front::ForwardGrpc(const std::shared_ptr<http2::Stream>& stream) {
  const http2::Header& header = stream->request().header;
  auto exchange = std::make_shared<Exchange>(recorder_.Begin(header.Find("traceparent"), header.Find("x-request-id")));
  exchange->protocol = "grpc";
  exchange->http_method = "POST";
  auto call = ReadGrpc(stream->request(), *exchange);
  if (!call.ok()) return AnswerGrpc(stream, *exchange, call.status());
  upstream_.Call(*std::move(call), [this, stream, exchange](const absl::StatusOr<std::string>& response) {
    AnswerGrpc(stream, *exchange, response);
  });
}

absl::StatusOr<UpstreamCall> Http2Front::ReadGrpc(const http2::Request& request, Exchange& exchange) const {
  LUMBAR_RETURN_IF_ERROR(GrpcFault(request.fault));
  exchange.rpc = handler_.catalog().Find(request.path());
  if (exchange.rpc == nullptr) return rpc::MethodUnknown();
  exchange.route_label = exchange.rpc->path;
  exchange.rpc_name = exchange.rpc->method->full_name();
  if (!exchange.rpc->served) return NotServedYet();
  UpstreamCall call;
  call.method = exchange.rpc->path;
  call.time_left = limits_.call_time;
  if (const auto timeout = request.header.Find("grpc-timeout"); !timeout.empty()) {
    LUMBAR_ASSIGN_OR_RETURN(call.time_left, rpc::ParseTimeout(timeout));
    call.time_left = std::min(call.time_left, limits_.max_call_time);
  }
  std::vector<absl::string_view> authorization;
  for (size_t i = 0; i < request.header.size(); ++i) {
    if (request.header[i].name == "authorization") authorization.push_back(request.header[i].value);
  }
  LUMBAR_ASSIGN_OR_RETURN(call.metadata, ForwardedMetadata(exchange, authorization));
  LUMBAR_ASSIGN_OR_RETURN(const absl::string_view message, rpc::MessageIn(request.body));
  call.request = std::string(message);
  return call;
}

void Http2Front::AnswerGrpc(const std::shared_ptr<http2::Stream>& stream, Exchange& exchange,
                            const absl::StatusOr<std::string>& response) {
  exchange.reason = ReasonOf(response.status());
  const auto code = static_cast<int>(response.status().code());
  const bool ours = response.status().code() == absl::StatusCode::kInternal;
  recorder_.Finish(exchange, code, response.ok() ? response->size() : 0, ours);
  stream->OnLoop([stream, id = exchange.request_id, response] { SendGrpc(*stream, id, response); });
  Leave();
}

void Http2Front::Enter() {
  const MutexLock lock(mutex_);
  ++running_;
}

void Http2Front::Leave() {
  const MutexLock lock(mutex_);
  if (--running_ == 0) left_.NotifyAll();
}

void Http2Front::AwaitIdle() {
  const MutexLock lock(mutex_);
  while (running_ > 0) left_.Wait(mutex_);
}

}  // namespace lumbar::gateway
