// A call of grpc++'s callback API as the pipeline sees it.
#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <utility>

#include "common/rpc/exchange.h"
#include "common/rpc/wire_status.h"

namespace lumbar::rpc {

// As Exchange says of Metadata and Deadline.
absl::string_view MetadataOf(const grpc::CallbackServerContext& context, absl::string_view name);
absl::Time DeadlineOf(const grpc::CallbackServerContext& context);

// grpc++ keeps context, request and response alive until the reactor is finished. `Handler` is a function of context
// and request.
template <typename Handler>
class GrpcppExchange : public Exchange {
 public:
  GrpcppExchange(grpc::CallbackServerContext& context, const google::protobuf::Message& request,
                 const google::protobuf::Message& response, Handler handler)
      : context_(context), request_(request), response_(response), handler_(std::move(handler)) {}

  absl::string_view Metadata(absl::string_view name) const override { return MetadataOf(context_, name); }
  absl::Time Deadline() const override { return DeadlineOf(context_); }
  bool IsCallerGone() const override { return context_.IsCancelled(); }
  const google::protobuf::Message& Request() const override { return request_; }
  const google::protobuf::Message& Response() const override { return response_; }
  absl::Status Handle(const CallContext& context, const google::protobuf::Message& request) override {
    return handler_(context, request);
  }

 private:
  grpc::CallbackServerContext& context_;
  const google::protobuf::Message& request_;
  const google::protobuf::Message& response_;
  const Handler handler_;
};

// One that is answered by one message.
template <typename Handler>
class GrpcppUnary final : public GrpcppExchange<Handler> {
 public:
  GrpcppUnary(grpc::CallbackServerContext& context, const google::protobuf::Message& request,
              const google::protobuf::Message& response, Handler handler)
      : GrpcppExchange<Handler>(context, request, response, std::move(handler)), reactor_(*context.DefaultReactor()) {}

  // What finishes the call; for the transport.
  grpc::ServerUnaryReactor* reactor() { return &reactor_; }
  void Finish(const absl::Status& status) override { reactor_.Finish(ToWire(status)); }

 private:
  // Taken once: the context makes it anew each time it is asked.
  grpc::ServerUnaryReactor& reactor_;
};

}  // namespace lumbar::rpc
