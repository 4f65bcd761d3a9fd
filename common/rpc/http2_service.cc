#include "common/rpc/http2_service.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/strip.h>

#include "common/rpc/errors.h"
#include "common/rpc/grpc_wire.h"
#include "common/rpc/http2_call.h"
#include "common/rpc/http2_stream.h"
#include "common/status/macros.h"

namespace lumbar::rpc {
namespace {

constexpr absl::string_view kGrpcContentType = "application/grpc";

// Also with a format, of which we have one, or parameters, which mean nothing.
bool IsGrpc(absl::string_view type) {
  if (!absl::ConsumePrefix(&type, kGrpcContentType)) return false;
  absl::ConsumePrefix(&type, "+proto");
  return type.empty() || type.front() == ';';
}

absl::Status StatusOf(http2::Fault fault) {
  switch (fault) {
    case http2::Fault::kHeaderTooLarge:
      return MetadataTooLarge();
    case http2::Fault::kBodyTooLarge:
      return MessageTooLarge();
    case http2::Fault::kNoRoom:
      return Overloaded();
    case http2::Fault::kNone:
      break;
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<Http2Service>> Http2Service::Create(Pipeline& pipeline, const Clock& clock,
                                                                   const std::vector<MethodTable>& services) {
  auto service = std::unique_ptr<Http2Service>(new Http2Service(pipeline, clock));
  for (const MethodTable& table : services) {
    LUMBAR_RETURN_IF_ERROR(table.Check());
    for (int i = 0; i < table.contract().method_count(); ++i) {
      const std::string& name = table.contract().method(i)->name();
      const OfferedMethod* offered = table.Find(name);
      service->methods_.emplace(absl::StrCat("/", table.contract().full_name(), "/", name),
                                offered == nullptr ? OfferedMethod() : *offered);
    }
  }
  return service;
}

void Http2Service::OnRequest(const std::shared_ptr<http2::Stream>& stream) {
  const http2::Request& request = stream->request();
  const bool known = request.fault == http2::Fault::kNone;
  if (known && request.method() != "POST") return stream->Answer({{":status", "405"}, {"allow", "POST"}});
  if (known && !IsGrpc(request.header.Find("content-type"))) return stream->Answer({{":status", "415"}});
  if (const absl::Status status = Start(stream); !status.ok()) SendStatus(*stream, status);
}

absl::Status Http2Service::Start(const std::shared_ptr<http2::Stream>& stream) {
  const http2::Request& request = stream->request();
  LUMBAR_RETURN_IF_ERROR(StatusOf(request.fault));
  const auto found = methods_.find(request.path());
  if (found == methods_.end()) return MethodUnknown();
  const OfferedMethod& method = found->second;
  if (!method.is_offered()) return MethodPlanned();
  LUMBAR_ASSIGN_OR_RETURN(const absl::string_view message, MessageIn(request.body));
  LUMBAR_ASSIGN_OR_RETURN(const absl::Time deadline, DeadlineOf(request));
  if (method.open != nullptr) return StartStream(stream, method, message, deadline);
  auto call = std::make_unique<Http2Call>(stream, method, deadline);
  LUMBAR_RETURN_IF_ERROR(call->Parse(message));
  method.find != nullptr ? pipeline_.ServeReady(std::move(call)) : pipeline_.Serve(std::move(call));
  return absl::OkStatus();
}

absl::Status Http2Service::StartStream(const std::shared_ptr<http2::Stream>& stream, const OfferedMethod& method,
                                       absl::string_view message, absl::Time deadline) {
  const auto transport = Http2StreamTransport::Create(stream, method, pipeline_.executor(), clock_);
  auto call = std::make_unique<Http2StreamedCall>(stream, method, deadline, transport);
  LUMBAR_RETURN_IF_ERROR(call->Parse(message));
  pipeline_.ServeStream(std::move(call), transport->stream());
  return absl::OkStatus();
}

absl::StatusOr<absl::Time> Http2Service::DeadlineOf(const http2::Request& request) const {
  const absl::string_view text = request.header.Find("grpc-timeout");
  if (text.empty()) return absl::InfiniteFuture();
  LUMBAR_ASSIGN_OR_RETURN(const absl::Duration timeout, ParseTimeout(text));
  return clock_.Now() + timeout;
}

}  // namespace lumbar::rpc
