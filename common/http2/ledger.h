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

  // Whether so many bytes more fit in. If it is this one that is full, whoever watches it is told.
  bool Fits(size_t bytes) const {
    const bool fits = held_ + bytes <= limit_;
    if (!fits && on_full_ != nullptr) on_full_();
    return fits && (whole_ == nullptr || whole_->Fits(bytes));
  }
  void Watch(std::function<void()> on_full) { on_full_ = std::move(on_full); }
  void Hold(size_t bytes) {
    held_ += bytes;
    if (whole_ != nullptr) whole_->Hold(bytes);
  }
  void Release(size_t bytes) {
    held_ -= bytes;
    if (whole_ != nullptr) whole_->Release(bytes);
  }
  size_t held() const { return held_; }

 private:
  const size_t limit_;
  Ledger* const whole_;
  std::function<void()> on_full_;
  size_t held_ = 0;
};

}  // namespace lumbar::http2
