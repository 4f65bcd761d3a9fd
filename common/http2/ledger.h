// How many bytes are held, and how many may be; one for a loop, and one for each of its connections.
#pragma once

#include <cstddef>
#include <functional>
#include <utility>

namespace lumbar::http2 {

class Ledger {
 public:
  // `whole` is the ledger of which this one is a part, and outlives it.
  explicit Ledger(size_t limit, Ledger* whole = nullptr) : limit_(limit), whole_(whole) {}
  ~Ledger() {
    if (whole_ != nullptr) whole_->Release(held_);
  }
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;

  // Whether so many bytes more fit in.
  bool Fits(size_t bytes) const { return held_ + bytes <= limit_ && (whole_ == nullptr || whole_->Fits(bytes)); }
  void Hold(size_t bytes) {
    held_ += bytes;
    if (whole_ != nullptr) whole_->Hold(bytes);
    if (on_scarce_ != nullptr && held_ > limit_ / 4 * 3) on_scarce_();
  }
  // Who is told, each time, that something is held with more than three quarters used.
  void Watch(std::function<void()> on_scarce) { on_scarce_ = std::move(on_scarce); }
  void Release(size_t bytes) {
    held_ -= bytes;
    if (whole_ != nullptr) whole_->Release(bytes);
  }
  size_t held() const { return held_; }

 private:
  const size_t limit_;
  Ledger* const whole_;
  std::function<void()> on_scarce_;
  size_t held_ = 0;
};

}  // namespace lumbar::http2
