// A call of grpc++'s callback API as the pipeline sees it.
#pragma once

#include <grpcpp/support/server_callback.h>

#include <utility>

#include "common/rpc/exchange.h"

namespace lumbar::rpc {

// grpc++ keeps context, request and response alive until the reactor is finished.
class GrpcppExchange : public Exchange {
 public:
  GrpcppExchange(grpc::CallbackServerContext& context, const google::protobuf::Message& request,
                 google::protobuf::Message& response)
      : context_(context), reactor_(*context.DefaultReactor()), request_(request), response_(response) {}

  // What finishes the call; for the transport.
  grpc::ServerUnaryReactor* reactor() { return &reactor_; }

  absl::string_view Metadata(absl::string_view name) const override;
  absl::Time Deadline() const override;
  bool IsCallerGone() const override { return context_.IsCancelled(); }
  const google::protobuf::Message& Request() const override { return request_; }
  const google::protobuf::Message& Response() const override { return response_; }
  void Finish(const absl::Status& status) override;

 private:
  grpc::CallbackServerContext& context_;
  // Taken once: the context makes it anew each time it is asked.
  grpc::ServerUnaryReactor& reactor_;
  const google::protobuf::Message& request_;
  google::protobuf::Message& response_;
};

// One whose handler is `Handler`, a function of context and request.
template <typename Handler>
class HandledExchange final : public GrpcppExchange {
 public:
  HandledExchange(grpc::CallbackServerContext& context, const google::protobuf::Message& request,
                  google::protobuf::Message& response, Handler handler)
      : GrpcppExchange(context, request, response), handler_(std::move(handler)) {}

  absl::Status Handle(const CallContext& context, const google::protobuf::Message& request) override {
    return handler_(context, request);
  }

 private:
  const Handler handler_;
};

}  // namespace lumbar::rpc
