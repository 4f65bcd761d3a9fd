// One gRPC call on HTTP/2 as the pipeline sees it.
#pragma once

#include <google/protobuf/arena.h>

#include <array>
#include <memory>

#include "common/http2/stream.h"
#include "common/rpc/exchange.h"
#include "common/rpc/method_table.h"

namespace lumbar::rpc {

// Ends a call without an answer.
void SendStatus(http2::Stream& stream, const absl::Status& status);

// Request and answer live on an arena: all of their memory is taken and given back at once.
class Http2Call final : public Exchange {
 public:
  // `method` outlives the call. `message` is parsed where it was received.
  // INTERNAL/MESSAGE_MALFORMED: it isn't of the request's type.
  static absl::StatusOr<std::unique_ptr<Http2Call>> Parse(std::shared_ptr<http2::Stream> stream,
                                                          const OfferedMethod& method, absl::string_view message,
                                                          absl::Time deadline);

  absl::string_view Metadata(absl::string_view name) const override { return stream_->request().header.Find(name); }
  absl::Time Deadline() const override { return deadline_; }
  bool IsCallerGone() const override { return stream_->IsGone(); }
  const google::protobuf::Message& Request() const override { return *request_; }
  const google::protobuf::Message& Response() const override { return *response_; }
  absl::Status Handle(const CallContext& context, const google::protobuf::Message& request) override {
    return method_.handle(context, request, *response_);
  }
  void Finish(const absl::Status& status) override;

 private:
  Http2Call(std::shared_ptr<http2::Stream> stream, const OfferedMethod& method, absl::Time deadline);

  const std::shared_ptr<http2::Stream> stream_;
  const OfferedMethod& method_;
  const absl::Time deadline_;
  // What a usual call needs, so that the arena allocates no further block.
  alignas(8) std::array<char, 12 * 1024> first_block_;
  google::protobuf::Arena arena_;
  google::protobuf::Message* const request_;
  google::protobuf::Message* const response_;
};

}  // namespace lumbar::rpc
