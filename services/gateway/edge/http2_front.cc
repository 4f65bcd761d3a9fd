#include "services/gateway/edge/http2_front.h"

#include <absl/strings/ascii.h>
#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>
#include <absl/strings/strip.h>

#include <iterator>
#include <optional>
#include <vector>

#include "common/rpc/errors.h"
#include "common/rpc/grpc_wire.h"
#include "common/rpc/http2_call.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "services/gateway/edge/errors.h"
#include "services/gateway/edge/forwarding.h"
#include "services/gateway/edge/http2_pump.h"
#include "services/gateway/edge/streamed_body.h"

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
      return TooBusy(absl::Seconds(1));
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

// The fields of an answer's header, which it keeps.
class Fields {
 public:
  explicit Fields(const HttpAnswer& answer) : status_(std::to_string(answer.result_int())) {
    names_.reserve(static_cast<size_t>(std::distance(answer.begin(), answer.end())));
    fields_.push_back({":status", status_});
    for (const auto& field : answer) {
      names_.push_back(absl::AsciiStrToLower(View(field.name_string())));
      fields_.push_back({names_.back(), View(field.value())});
    }
  }
  const std::vector<http2::Field>& get() const { return fields_; }

 private:
  const std::string status_;
  std::vector<std::string> names_;
  std::vector<http2::Field> fields_;
};

// On the stream's loop.
void Send(http2::Stream& stream, HttpAnswer answer) {
  const bool has_body = stream.request().method() != "HEAD" && !answer.body().empty();
  if (answer.result() != http::status::not_modified && answer.result() != http::status::no_content) {
    answer.content_length(answer.body().size());
  }
  const Fields fields(answer);
  if (!has_body) return stream.Answer(fields.get());
  stream.Begin(fields.get());
  stream.Write(std::move(answer.body()));
  stream.End({});
}

void EndHttp(http2::Stream& stream, const absl::Status&) { stream.End({}); }

void Pump(const std::shared_ptr<http2::Stream>& stream, const HttpAnswer& head, std::shared_ptr<BodySource> source) {
  if (stream->request().method() == "HEAD") {
    stream->OnLoop([stream, head] { stream->Answer(Fields(head).get()); });
    return source->End(ClientGone());
  }
  auto pump = std::make_shared<Http2Pump>(stream, std::move(source), EndHttp);
  stream->OnLoop([stream, head, pump = std::move(pump)] {
    stream->Begin(Fields(head).get());
    pump->Start();
  });
}

// gRPC's own frames; how it ended is in the trailer.
class GrpcFrames final : public PieceWriter {
 public:
  absl::StatusOr<std::string> Piece(const Exchange&, const std::string& message) const override {
    return rpc::FrameOf(absl::string_view(message));
  }
  std::string LastPiece(const Exchange&, const absl::Status&) const override { return ""; }
};

void SendGrpc(http2::Stream& stream, const std::string& request_id, const absl::StatusOr<std::string>& response) {
  const http2::Field id = {"x-request-id", request_id};
  if (!response.ok()) return rpc::SendStatus(stream, response.status(), {id});
  rpc::BeginAnswer(stream, {id});
  stream.Write(rpc::FrameOf(absl::string_view(*response)));
  rpc::SendTrailer(stream, absl::OkStatus());
}

// Gives up what a stream waits for, once its client is gone.
class Waiting final : public http2::Progress {
 public:
  void OnTaken() override {}
  void OnDrain() override {}
  void OnGone() override {
    if (give_up != nullptr) give_up();
  }

  GiveUp give_up;
};

std::vector<absl::string_view> ValuesOf(const http2::Header& header, absl::string_view name) {
  std::vector<absl::string_view> values;
  for (size_t i = 0; i < header.size(); ++i) {
    if (header[i].name == name) values.push_back(header[i].value);
  }
  return values;
}

Credentials CredentialsIn(const http2::Header& header) {
  return {absl::StrJoin(ValuesOf(header, "x-forwarded-for"), ","), ValuesOf(header, "authorization")};
}

Visitor VisitorOf(const std::shared_ptr<http2::Stream>& stream) {
  return {stream->peer(), [stream](std::function<void()> task) { stream->OnLoop(std::move(task)); }};
}

// Before anything may answer, for whoever answers may follow the stream in its place.
std::shared_ptr<Waiting> Wait(http2::Stream& stream) {
  auto waiting = std::make_shared<Waiting>();
  stream.Follow(waiting);
  return waiting;
}

}  // namespace

Http2Front::Http2Front(EdgeHandler& handler, Upstream& upstream, Admission& admission, const ExchangeRecorder& recorder,
                       const Limits& limits)
    : handler_(handler), upstream_(upstream), admission_(admission), recorder_(recorder), limits_(limits) {}

void Http2Front::OnRequest(const std::shared_ptr<http2::Stream>& stream) {
  IsGrpc(stream->request().header.Find("content-type")) ? ForwardGrpc(stream) : ServeHttp(stream);
}

void Http2Front::ServeHttp(const std::shared_ptr<http2::Stream>& stream) {
  const absl::Status fault = HttpFault(stream->request().fault, limits_);
  if (!fault.ok()) return RefuseHttp(stream, fault);
  const auto answer = [stream](HttpAnswer whole, std::shared_ptr<BodySource> source) {
    if (source != nullptr) return Pump(stream, whole, std::move(source));
    stream->OnLoop([stream, whole = std::move(whole)]() mutable { Send(*stream, std::move(whole)); });
  };
  const auto waiting = Wait(*stream);
  waiting->give_up = handler_.Handle(AsHttp(stream->request()), VisitorOf(stream), answer);
}

// It counts like any other: the stream alone ends, and its connection can send the next.
void Http2Front::RefuseHttp(const std::shared_ptr<http2::Stream>& stream, const absl::Status& fault) {
  admission_.Admit(
      VisitorOf(stream), CredentialsIn(stream->request().header),
      [this, stream, fault, stay = handler_.running().Stay()](const absl::Status& admitted) -> GiveUp {
        HttpAnswer answer = handler_.Refuse(admitted.ok() ? fault : admitted);
        stream->OnLoop([stream, answer = std::move(answer)]() mutable { Send(*stream, std::move(answer)); });
        return nullptr;
      });
}

void Http2Front::ForwardGrpc(const std::shared_ptr<http2::Stream>& stream) {
  const http2::Header& header = stream->request().header;
  auto exchange = std::make_shared<Exchange>(recorder_.Begin(header.Find("traceparent"), header.Find("x-request-id")));
  exchange->protocol = "grpc";
  exchange->http_method = "POST";
  const auto waiting = Wait(*stream);
  waiting->give_up =
      admission_.Admit(VisitorOf(stream), CredentialsIn(header),
                       [this, stream, exchange, stay = handler_.running().Stay()](const absl::Status& admitted) {
                         return ProceedGrpc(stream, exchange, admitted);
                       });
}

GiveUp Http2Front::ProceedGrpc(const std::shared_ptr<http2::Stream>& stream, const std::shared_ptr<Exchange>& exchange,
                               const absl::Status& admitted) {
  const absl::Status recognized = RecognizeGrpc(stream->request(), *exchange);
  const absl::Status& status = admitted.ok() ? recognized : admitted;
  auto call = status.ok() ? ReadGrpc(stream->request(), *exchange) : status;
  if (!call.ok()) {
    AnswerGrpc(stream, *exchange, call.status());
    return nullptr;
  }
  if (exchange->is_stream) return StreamGrpc(stream, exchange, *std::move(call));
  return upstream_.Call(*std::move(call), [this, stream, exchange,
                                           stay = handler_.running().Stay()](absl::StatusOr<std::string> response) {
    AnswerGrpc(stream, *exchange, std::move(response));
  });
}

GiveUp Http2Front::StreamGrpc(const std::shared_ptr<http2::Stream>& stream, const std::shared_ptr<Exchange>& exchange,
                              UpstreamCall call) {
  static const GrpcFrames* const frames = new GrpcFrames();
  handler_.running().Enter();
  const auto begun = [stream, exchange](const absl::Status&, std::shared_ptr<BodySource> body) {
    auto pump = std::make_shared<Http2Pump>(stream, std::move(body), rpc::SendTrailer);
    stream->OnLoop([stream, exchange, pump = std::move(pump)] {
      rpc::BeginAnswer(*stream, {{"x-request-id", exchange->request_id}});
      pump->Start();
    });
  };
  const auto over = [this, exchange](const absl::Status& status, size_t bytes) {
    RecordGrpc(*exchange, status, bytes);
  };
  const auto released = [this] { handler_.running().Leave(); };
  const auto streamed = std::make_shared<StreamedBody>(*frames, exchange, begun, over, released);
  return streamed->Attach(upstream_.Open(std::move(call), streamed));
}

absl::Status Http2Front::RecognizeGrpc(const http2::Request& request, Exchange& exchange) const {
  LUMBAR_RETURN_IF_ERROR(GrpcFault(request.fault));
  if (!exchange.Names(handler_.catalog().Find(request.path()))) return rpc::MethodUnknown();
  if (request.method() != "POST") return MethodNotAllowed("POST");
  exchange.is_stream = exchange.rpc->method->server_streaming();
  return exchange.rpc->served ? absl::OkStatus() : NotServedYet();
}

absl::StatusOr<UpstreamCall> Http2Front::ReadGrpc(const http2::Request& request, const Exchange& exchange) const {
  UpstreamCall call;
  call.method = exchange.rpc->path;
  std::optional<absl::Duration> asked;
  if (const auto timeout = request.header.Find("grpc-timeout"); !timeout.empty()) {
    LUMBAR_ASSIGN_OR_RETURN(asked, rpc::ParseTimeout(timeout));
  }
  call.time_left = limits_.TimeOf(asked, exchange.is_stream);
  LUMBAR_ASSIGN_OR_RETURN(call.metadata, ForwardedMetadata(exchange, ValuesOf(request.header, "authorization")));
  LUMBAR_ASSIGN_OR_RETURN(const absl::string_view message, rpc::MessageIn(request.body));
  call.request = std::string(message);
  return call;
}

void Http2Front::AnswerGrpc(const std::shared_ptr<http2::Stream>& stream, Exchange& exchange,
                            absl::StatusOr<std::string> response) {
  RecordGrpc(exchange, response.status(), response.ok() ? response->size() : 0);
  stream->OnLoop(
      [stream, id = exchange.request_id, response = std::move(response)] { SendGrpc(*stream, id, response); });
}

void Http2Front::RecordGrpc(Exchange& exchange, const absl::Status& status, size_t bytes) const {
  exchange.reason = ReasonOf(status);
  recorder_.Finish(exchange, static_cast<int>(status.code()), bytes, status.code() == absl::StatusCode::kInternal);
}

}  // namespace lumbar::gateway
