#include "common/http2/stream.h"

#include <utility>

#include "common/http2/session.h"

namespace lumbar::http2 {

void Stream::Begin(absl::Span<const Field> header) {
  if (session_ == nullptr || std::exchange(begun_, true)) return;
  session_->SubmitHeader(*this, header, false);
}

void Stream::Answer(absl::Span<const Field> header) {
  if (session_ == nullptr || std::exchange(begun_, true)) return;
  ended_ = true;
  session_->SubmitHeader(*this, header, true);
}

void Stream::Write(std::string bytes) {
  if (session_ == nullptr || ended_ || bytes.empty()) return;
  session_->HoldAnswer(*this, bytes.size());
  if (unsent() == 0) {
    unsent_ = std::move(bytes);
    sent_ = 0;
    moved_ = session_->now_;
  } else {
    unsent_ += bytes;
  }
  session_->Resume(*this);
}

void Stream::End(absl::Span<const Field> trailer) {
  if (session_ == nullptr || std::exchange(ended_, true)) return;
  for (const Field& field : trailer) trailer_.Add(field);
  session_->Resume(*this);
}

void Stream::Abandon() {
  if (session_ != nullptr && !std::exchange(reset_, true)) session_->Abandon(*this);
}

bool Stream::IsDraining() const { return session_ != nullptr && session_->draining_; }

void Stream::Follow(std::shared_ptr<Progress> progress) {
  if (session_ == nullptr) return progress->OnGone();
  progress_ = std::move(progress);
}

}  // namespace lumbar::http2
