// Stops asking a dependency that keeps failing, and finds out by itself when it is back.
#pragma once

#include <absl/base/thread_annotations.h>
#include <absl/time/time.h>

#include <cstdint>
#include <random>

#include "common/concurrency/mutex.h"
#include "common/time/clock.h"

namespace lumbar::cache {

struct BreakerOptions {
  // Failures in a row, over all threads, that open it.
  int failures_to_open = 3;
  // It stays open for `cool_down` and up to `jitter` of it longer, so that replicas don't probe in step.
  absl::Duration cool_down = absl::Seconds(1);
  double jitter = 0.5;
};

// Closed: everybody may call. Open: nobody. Half open, after the cool-down: one caller probes, the others are refused;
// its success closes, its failure opens for another cool-down. Thread safe, never blocks.
class Breaker {
 public:
  Breaker(const Clock& clock, BreakerOptions options);

  // Whether to call now. Who is told true must report one of the three below, in any state and always.
  [[nodiscard]] bool Allow();
  void Succeeded();
  void Failed();
  // The call went well and says nothing of the calls that failed: half open, the next caller probes.
  void Undecided();

 private:
  enum class State { kClosed, kOpen, kHalfOpen };

  void Open() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool CooledDown() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Clock& clock_;
  const BreakerOptions options_;
  Mutex mutex_;
  State state_ ABSL_GUARDED_BY(mutex_) = State::kClosed;
  int failures_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Time opened_ ABSL_GUARDED_BY(mutex_);
  absl::Time probe_ ABSL_GUARDED_BY(mutex_);
  std::mt19937 random_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace lumbar::cache
