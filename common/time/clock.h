// Time as a dependency, so that tests decide what it is.
#pragma once

#include <absl/time/clock.h>
#include <absl/time/time.h>

#include <atomic>

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
