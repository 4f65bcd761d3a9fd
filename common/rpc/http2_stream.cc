#include "common/rpc/http2_stream.h"

#include <utility>

#include "common/rpc/errors.h"
#include "common/rpc/grpc_wire.h"

namespace lumbar::rpc {

Http2StreamTransport::Http2StreamTransport(std::shared_ptr<http2::Stream> out, const OfferedMethod& method,
                                           Executor& executor, const Clock& clock)
    : out_(std::move(out)),
      message_(method.response->New()),
      stream_(std::make_shared<Stream>(*this, executor, clock)) {}

std::shared_ptr<Http2StreamTransport> Http2StreamTransport::Create(std::shared_ptr<http2::Stream> out,
                                                                   const OfferedMethod& method, Executor& executor,
                                                                   const Clock& clock) {
  const std::shared_ptr<Http2StreamTransport> transport(
      new Http2StreamTransport(std::move(out), method, executor, clock));
  transport->out_->Follow(transport);
  return transport;
}

void Http2StreamTransport::Write() {
  out_->OnLoop([self = shared_from_this(), frame = FrameOf(*message_)]() mutable { self->Send(std::move(frame)); });
}

void Http2StreamTransport::Send(std::string frame) {
  if (out_->IsGone()) return stream_->Written(false);
  if (!std::exchange(begun_, true)) BeginAnswer(*out_);
  writing_ = true;
  out_->Write(std::move(frame));
}

void Http2StreamTransport::Cancel() {
  out_->OnLoop([out = out_] { out->Abandon(); });
}

void Http2StreamTransport::Finish(const absl::Status& status) {
  out_->OnLoop([self = shared_from_this(), status] {
    self->begun_ ? SendTrailer(*self->out_, status) : SendStatus(*self->out_, status);
  });
}

void Http2StreamTransport::OnTaken() {
  if (std::exchange(writing_, false)) stream_->Written(true);
}

void Http2StreamTransport::OnDrain() { stream_->End(StreamEnded()); }

void Http2StreamTransport::OnGone() {
  std::exchange(writing_, false) ? stream_->Written(false) : stream_->End(CallerGone());
}

absl::Status Http2StreamedCall::Handle(const CallContext& context, const google::protobuf::Message& request) {
  absl::StatusOr<std::unique_ptr<StreamSource>> source = method_.open(context, request);
  if (source.ok()) transport_->stream()->Open(*std::move(source));
  return source.status();
}

}  // namespace lumbar::rpc
