// One gRPC call on HTTP/2 as the pipeline sees it.
#pragma once

#include <google/protobuf/arena.h>

#include <array>
#include <memory>

#include "common/http2/stream.h"
#include "common/rpc/exchange.h"
#include "common/rpc/method_table.h"

namespace lumbar::rpc {

// Begins an answer that has messages; `added` are fields of its header besides gRPC's.
void BeginAnswer(http2::Stream& stream, absl::Span<const http2::Field> added = {});
// Ends a call, after messages or without any.
void SendTrailer(http2::Stream& stream, const absl::Status& status);
void SendStatus(http2::Stream& stream, const absl::Status& status, absl::Span<const http2::Field> added = {});

// What came in, whichever way it is answered. The request lives on an arena: all of its memory is taken and given back
// at once.
class Http2Exchange : public Exchange {
 public:
  // `method` outlives the call.
  Http2Exchange(std::shared_ptr<http2::Stream> stream, const OfferedMethod& method, absl::Time deadline);

  // INTERNAL/MESSAGE_MALFORMED: `message` isn't of the request's type.
  absl::Status Parse(absl::string_view message);

  absl::string_view Metadata(absl::string_view name) const override { return stream_->request().header.Find(name); }
  absl::Time Deadline() const override { return deadline_; }
  bool IsCallerGone() const override { return stream_->IsGone(); }
  const google::protobuf::Message& Request() const override { return *request_; }

 protected:
  const std::shared_ptr<http2::Stream> stream_;
  const OfferedMethod& method_;

 private:
  const absl::Time deadline_;
  // What a usual call needs, so that the arena allocates no further block.
  alignas(8) std::array<char, 12 * 1024> first_block_;

 protected:
  google::protobuf::Arena arena_;

 private:
  google::protobuf::Message* const request_;
};

// A call that is answered by one message.
class Http2Call final : public Http2Exchange {
 public:
  Http2Call(std::shared_ptr<http2::Stream> stream, const OfferedMethod& method, absl::Time deadline);

  const google::protobuf::Message& Response() const override { return *response_; }
  absl::Status Handle(const CallContext& context, const google::protobuf::Message& request) override {
    return method_.handle(context, request, *response_);
  }
  void Find(absl::AnyInvocable<void(const absl::Status&)> done) override;
  void Finish(const absl::Status& status) override;

 private:
  google::protobuf::Message* const response_;
  // What was found, instead of a response.
  ReadyAnswer ready_;
};

}  // namespace lumbar::rpc
