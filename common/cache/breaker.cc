#include "common/cache/breaker.h"

namespace lumbar::cache {

Breaker::Breaker(const Clock& clock, BreakerOptions options)
    : clock_(clock), options_(options), random_(std::random_device()()) {}

bool Breaker::Allow() {
  MutexLock lock(mutex_);
  if (state_ == State::kClosed) return true;
  if (state_ == State::kHalfOpen || !CooledDown()) return false;
  state_ = State::kHalfOpen;
  return true;
}

void Breaker::Succeeded() {
  MutexLock lock(mutex_);
  // A call that began before it opened tells nothing about now.
  if (state_ == State::kOpen) return;
  state_ = State::kClosed;
  failures_ = 0;
}

void Breaker::Failed() {
  MutexLock lock(mutex_);
  if (state_ == State::kOpen) return;
  ++failures_;
  if (state_ == State::kHalfOpen || failures_ >= options_.failures_to_open) Open();
}

void Breaker::Undecided() {
  MutexLock lock(mutex_);
  // It has cooled down already.
  if (state_ == State::kHalfOpen) state_ = State::kOpen;
}

void Breaker::Open() {
  const double stretch = std::uniform_real_distribution<double>(1, 1 + options_.jitter)(random_);
  state_ = State::kOpen;
  failures_ = 0;
  opened_ = clock_.Now();
  probe_ = opened_ + options_.cool_down * stretch;
}

bool Breaker::CooledDown() const {
  // A wall clock that was set back must not keep it open for hours.
  const absl::Time now = clock_.Now();
  return now >= probe_ || now < opened_;
}

}  // namespace lumbar::cache
