// One gRPC call on HTTP/2 that is answered by a stream.
#pragma once

#include <memory>

#include "common/rpc/errors.h"
#include "common/rpc/http2_call.h"
#include "common/rpc/stream.h"

namespace lumbar::rpc {

// A stream's way out. The peer has taken a message once its window has let it through.
class Http2StreamTransport final : public StreamTransport,
                                   public http2::Progress,
                                   public std::enable_shared_from_this<Http2StreamTransport> {
 public:
  static std::shared_ptr<Http2StreamTransport> Create(std::shared_ptr<http2::Stream> out, const OfferedMethod& method,
                                                      Executor& executor, const Clock& clock);

  const std::shared_ptr<Stream>& stream() { return stream_; }

  google::protobuf::Message& message() override { return *message_; }
  void Write() override;
  // Whoever still reads gets CANCELLED: a status would have to wait behind the message.
  void Cancel() override;
  void Finish(const absl::Status& status) override;

  void OnTaken() override;
  void OnDrain() override;
  void OnGone() override;

 private:
  Http2StreamTransport(std::shared_ptr<http2::Stream> out, const OfferedMethod& method, Executor& executor,
                       const Clock& clock);
  void Send(std::string frame);

  const std::shared_ptr<http2::Stream> out_;
  const std::unique_ptr<google::protobuf::Message> message_;
  const std::shared_ptr<Stream> stream_;
  // The loop's: whether anything was sent, and whether a message is under way.
  bool begun_ = false;
  bool writing_ = false;
};

class Http2StreamedCall final : public Http2Exchange {
 public:
  Http2StreamedCall(std::shared_ptr<http2::Stream> stream, const OfferedMethod& method, absl::Time deadline,
                    std::shared_ptr<Http2StreamTransport> transport)
      : Http2Exchange(std::move(stream), method, deadline), transport_(std::move(transport)) {}

  const google::protobuf::Message& Response() const override { return transport_->message(); }
  absl::Status Handle(const CallContext& context, const google::protobuf::Message& request) override;
  void Find(absl::AnyInvocable<void(const absl::Status&)> done) override { done(HandlerFailed()); }
  void Finish(const absl::Status& status) override { transport_->Finish(status); }

 private:
  const std::shared_ptr<Http2StreamTransport> transport_;
};

}  // namespace lumbar::rpc
