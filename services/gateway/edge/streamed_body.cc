#include "services/gateway/edge/streamed_body.h"

#include <utility>

#include "services/gateway/edge/errors.h"

namespace lumbar::gateway {

StreamedBody::StreamedBody(const PieceWriter& writer, std::shared_ptr<const Exchange> exchange, OnBegun on_begun,
                           OnOver on_over, OnReleased on_released)
    : writer_(writer),
      exchange_(std::move(exchange)),
      on_over_(std::move(on_over)),
      on_released_(std::move(on_released)),
      on_begun_(std::move(on_begun)) {}

GiveUp StreamedBody::Attach(const std::shared_ptr<UpstreamStream>& upstream) {
  {
    const MutexLock lock(mutex_);
    upstream_ = upstream;
  }
  upstream->Next();
  return [weak = weak_from_this()] {
    if (const auto body = weak.lock()) body->End(ClientGone());
  };
}

std::shared_ptr<UpstreamStream> StreamedBody::upstream() const {
  const MutexLock lock(mutex_);
  return upstream_;
}

void StreamedBody::ReadOn() {
  if (const auto stream = upstream()) stream->Next();
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
  piece.ok() ? Put(*std::move(piece)) : End(piece.status());
}

void StreamedBody::OnEnd(const absl::Status& status) {
  Finish(status);
  {
    const MutexLock lock(mutex_);
    upstream_ended_ = true;
    ++telling_;
  }
  HasTold();
}

bool StreamedBody::StartTelling() {
  const MutexLock lock(mutex_);
  if (over_) return false;
  ++telling_;
  return true;
}

void StreamedBody::HasTold() {
  bool release = false;
  {
    const MutexLock lock(mutex_);
    release = --telling_ == 0 && std::exchange(upstream_ended_, false);
  }
  if (release) on_released_();
}

void StreamedBody::End(const absl::Status& why) {
  // Which is let go by the end.
  const auto stream = upstream();
  Finish(why);
  if (stream != nullptr) stream->Cancel();
}

void StreamedBody::Put(std::string piece) {
  Give asked;
  std::optional<std::string> given;
  OnBegun begun;
  {
    const MutexLock lock(mutex_);
    if (over_) return;
    bytes_ += piece.size();
    begun = std::exchange(on_begun_, nullptr);
    // Whoever asked already may have brought another message here while the first still begins.
    if (begun != nullptr) {
      is_beginning_ = true;
      ++telling_;
    }
    asked = std::exchange(asked_, nullptr);
    (asked == nullptr ? piece_ : given) = std::move(piece);
  }
  if (begun != nullptr) Begin(begun);
  if (asked == nullptr) return;
  asked(std::move(given));
  ReadOn();
}

void StreamedBody::Begin(const OnBegun& begun) {
  begun(absl::OkStatus(), shared_from_this());
  std::optional<absl::Status> over;
  size_t bytes = 0;
  {
    const MutexLock lock(mutex_);
    is_beginning_ = false;
    over = over_;
    bytes = bytes_;
  }
  if (over) on_over_(*over, bytes);
  HasTold();
}

void StreamedBody::Finish(const absl::Status& status) {
  if (!StartTelling()) return;
  Give asked;
  OnBegun begun;
  std::string last = writer_.LastPiece(*exchange_, status);
  size_t bytes = 0;
  bool is_beginning = false, told_already = false;
  // Which holds this body.
  std::shared_ptr<UpstreamStream> upstream;
  {
    const MutexLock lock(mutex_);
    told_already = over_.has_value();
    if (!told_already) {
      over_ = status;
      is_beginning = is_beginning_;
      upstream.swap(upstream_);
      begun = std::exchange(on_begun_, nullptr);
      asked = std::exchange(asked_, nullptr);
      // Behind a piece that waits still: both are given as one.
      bytes = bytes_ += last.size();
      if (piece_) last = *piece_ + last;
      piece_.reset();
      if (asked == nullptr && !last.empty()) piece_ = last;
    }
  }
  if (begun != nullptr) begun(status, shared_from_this());
  if (!is_beginning && !told_already) on_over_(status, bytes);
  HasTold();
  if (asked == nullptr) return;
  last.empty() ? asked(std::nullopt) : asked(std::move(last));
}

}  // namespace lumbar::gateway
