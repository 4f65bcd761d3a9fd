// How soon a refusal goes out.
#pragma once

#include <absl/base/thread_annotations.h>
#include <absl/time/time.h>

#include <algorithm>

#include "common/concurrency/mutex.h"
#include "common/time/clock.h"

namespace lumbar::gateway {

// A client that repeats a refused request at once would keep us busy with refusing. So refusals take turns: one goes at
// once, of many one each `kInterval`, and none waits longer than `kMost`. Clients that wait for an answer ask nothing
// meanwhile, and each connection holds one refusal at most. Thread safe.
class Pacer {
 public:
  static constexpr absl::Duration kInterval = absl::Milliseconds(1);
  static constexpr absl::Duration kMost = absl::Seconds(1);

  // `clock` outlives the pacer.
  explicit Pacer(const Clock& clock) : clock_(clock) {}

  // How long the next refusal is to wait.
  absl::Duration Turn() {
    const absl::Time now = clock_.Now();
    const MutexLock lock(mutex_);
    // Whatever the clock was set to.
    const absl::Time turn = std::clamp(next_, now, now + kMost);
    next_ = turn + kInterval;
    return turn - now;
  }

 private:
  const Clock& clock_;
  Mutex mutex_;
  absl::Time next_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
};

}  // namespace lumbar::gateway
