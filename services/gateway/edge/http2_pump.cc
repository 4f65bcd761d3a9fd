#include "services/gateway/edge/http2_pump.h"

#include <utility>

#include "common/rpc/errors.h"
#include "services/gateway/edge/errors.h"

namespace lumbar::gateway {

Http2Pump::Http2Pump(std::shared_ptr<http2::Stream> stream, std::shared_ptr<BodySource> source, EndAnswer end)
    : stream_(std::move(stream)), source_(std::move(source)), end_(std::move(end)) {}

// Also when the loop had ended before it could start.
Http2Pump::~Http2Pump() { source_->End(ClientGone()); }

void Http2Pump::Start() {
  stream_->Follow(shared_from_this());
  if (stream_->IsDraining()) OnDrain();
  Ask();
}

void Http2Pump::Ask() {
  source_->Next([self = shared_from_this()](std::optional<std::string> piece) {
    self->stream_->OnLoop([self, piece = std::move(piece)]() mutable { self->Write(std::move(piece)); });
  });
}

void Http2Pump::Write(std::optional<std::string> piece) {
  if (!piece) return end_(*stream_, source_->status());
  writing_ = true;
  stream_->Write(*std::move(piece));
}

void Http2Pump::OnTaken() {
  if (std::exchange(writing_, false)) Ask();
}

void Http2Pump::OnDrain() { source_->End(rpc::StreamEnded()); }

void Http2Pump::OnGone() { source_->End(ClientGone()); }

}  // namespace lumbar::gateway
