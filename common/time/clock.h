// Time as a dependency, so that tests decide what it is.
#pragma once

#include <absl/time/clock.h>
#include <absl/time/time.h>

#include <atomic>
#include <chrono>

namespace lumbar {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual absl::Time Now() const = 0;
};

class SystemClock final : public Clock {
 public:
  absl::Time Now() const override { return absl::Now(); }
};

// For how long something takes: begins at the system's time and then goes on evenly, whatever that is set to.
class SteadyClock final : public Clock {
 public:
  absl::Time Now() const override {
    return began_ + absl::FromChrono(std::chrono::steady_clock::now() - steadily_began_);
  }

 private:
  const absl::Time began_ = absl::Now();
  const std::chrono::steady_clock::time_point steadily_began_ = std::chrono::steady_clock::now();
};

// A clock that stands still until a test moves it. Thread safe.
class FakeClock final : public Clock {
 public:
  explicit FakeClock(absl::Time start) : micros_(absl::ToUnixMicros(start)) {}
  absl::Time Now() const override { return absl::FromUnixMicros(micros_.load()); }
  void Advance(absl::Duration step) { micros_.fetch_add(absl::ToInt64Microseconds(step)); }
  void Set(absl::Time time) { micros_.store(absl::ToUnixMicros(time)); }

 private:
  std::atomic<int64_t> micros_;
};

}  // namespace lumbar
