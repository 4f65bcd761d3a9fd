#include "services/gateway/edge/streamed_body.h"

#include <utility>

namespace lumbar::gateway {

StreamedBody::StreamedBody(const PieceWriter& writer, std::shared_ptr<const Exchange> exchange, OnBegun on_begun,
                           OnOver on_over)
    : writer_(writer), exchange_(std::move(exchange)), on_over_(std::move(on_over)), on_begun_(std::move(on_begun)) {}

void StreamedBody::Attach(std::shared_ptr<UpstreamStream> upstream) {
  {
    const MutexLock lock(mutex_);
    upstream_ = upstream;
  }
  upstream->Next();
}

std::shared_ptr<UpstreamStream> StreamedBody::upstream() const {
  const MutexLock lock(mutex_);
  return upstream_;
}

void StreamedBody::ReadOn() {
  if (const auto stream = upstream()) stream->Next();
}

void StreamedBody::Cancel() {
  if (const auto stream = upstream()) stream->Cancel();
}

absl::Status StreamedBody::status() const {
  const MutexLock lock(mutex_);
  return over_.value_or(absl::OkStatus());
}

void StreamedBody::Next(Give give) {
  std::optional<std::string> piece;
  bool taken = false;
  {
    const MutexLock lock(mutex_);
    if (!piece_ && !over_) {
      asked_ = std::move(give);
      return;
    }
    taken = piece_.has_value();
    piece = std::exchange(piece_, std::nullopt);
  }
  give(std::move(piece));
  if (taken) ReadOn();
}

void StreamedBody::OnMessage(const std::string& message) {
  absl::StatusOr<std::string> piece = writer_.Piece(*exchange_, message);
  if (piece.ok()) return Put(*std::move(piece));
  Cancel();
  Finish(piece.status());
}

void StreamedBody::OnEnd(const absl::Status& status) { Finish(status); }

void StreamedBody::End(const absl::Status& why) {
  Cancel();
  Finish(why);
}

void StreamedBody::Put(std::string piece) {
  Give asked;
  OnBegun begun;
  {
    const MutexLock lock(mutex_);
    if (over_) return;
    bytes_ += piece.size();
    begun = std::exchange(on_begun_, nullptr);
    asked = std::exchange(asked_, nullptr);
    if (asked == nullptr) piece_ = std::move(piece);
  }
  if (begun != nullptr) begun(absl::OkStatus(), shared_from_this());
  if (asked == nullptr) return;
  asked(std::move(piece));
  ReadOn();
}

void StreamedBody::Finish(const absl::Status& status) {
  Give asked;
  OnBegun begun;
  std::string last = writer_.LastPiece(*exchange_, status);
  size_t bytes = 0;
  // Which holds this body.
  std::shared_ptr<UpstreamStream> upstream;
  {
    const MutexLock lock(mutex_);
    if (over_) return;
    over_ = status;
    upstream.swap(upstream_);
    begun = std::exchange(on_begun_, nullptr);
    asked = std::exchange(asked_, nullptr);
    // Behind a piece that waits still: both are given as one.
    bytes = bytes_ += last.size();
    if (piece_) last = *piece_ + last;
    piece_.reset();
    if (asked == nullptr && !last.empty()) piece_ = last;
  }
  if (begun != nullptr) begun(status, shared_from_this());
  on_over_(status, bytes);
  if (asked == nullptr) return;
  last.empty() ? asked(std::nullopt) : asked(std::move(last));
}

}  // namespace lumbar::gateway
