// How often something may happen.
#pragma once

#include <absl/base/thread_annotations.h>
#include <absl/time/time.h>

#include "common/concurrency/mutex.h"
#include "common/time/clock.h"

namespace lumbar::notification {

// So many a second on average, and as many at once (GCRA). Thread safe.
class RateLimit {
 public:
  // `clock` must outlive it. 0 or less a second: no limit.
  RateLimit(double per_second, const Clock& clock);

  // Zero: it may happen, and counts. Otherwise how long until it may, and nothing counts.
  absl::Duration Take();

 private:
  const absl::Duration interval_;
  const Clock& clock_;
  Mutex mutex_;
  // When the next would happen if all came evenly.
  absl::Time due_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
};

}  // namespace lumbar::notification
