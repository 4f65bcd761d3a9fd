// A stream's way out through grpc++.
#pragma once

#include <grpcpp/support/server_callback.h>

#include <memory>

#include "common/rpc/errors.h"
#include "common/rpc/grpcpp_exchange.h"
#include "common/rpc/stream.h"
#include "common/rpc/wire_status.h"

namespace lumbar::rpc {

// Deletes itself when the transport is done with it.
template <typename Response>
class GrpcStream final : public grpc::ServerWriteReactor<Response>, public StreamTransport {
 public:
  // `context` is the call's.
  GrpcStream(grpc::CallbackServerContext& context, Executor& executor, const Clock& clock)
      : context_(context), stream_(std::make_shared<Stream>(*this, executor, clock)) {}

  const std::shared_ptr<Stream>& stream() { return stream_; }

  google::protobuf::Message& message() override { return message_; }
  void Write() override { this->StartWrite(&message_); }
  // Whoever still reads gets CANCELLED: a status would have to wait behind the message.
  void Cancel() override { context_.TryCancel(); }
  void Finish(const absl::Status& status) override { grpc::ServerWriteReactor<Response>::Finish(ToWire(status)); }

 private:
  void OnWriteDone(bool taken) override { stream_->Written(taken); }
  void OnCancel() override { stream_->End(CallerGone()); }
  void OnDone() override { delete this; }

  grpc::CallbackServerContext& context_;
  Response message_;
  const std::shared_ptr<Stream> stream_;
};

// A call that is answered by such a stream.
template <typename Handler>
class GrpcppStreamed final : public GrpcppExchange<Handler> {
 public:
  GrpcppStreamed(grpc::CallbackServerContext& context, const google::protobuf::Message& request,
                 StreamTransport& transport, Handler handler)
      : GrpcppExchange<Handler>(context, request, transport.message(), std::move(handler)), transport_(transport) {}

  void Finish(const absl::Status& status) override { transport_.Finish(status); }

 private:
  StreamTransport& transport_;
};

}  // namespace lumbar::rpc
