#include "services/notification/domain/rate_limit.h"

#include <algorithm>

namespace lumbar::notification {
namespace {

// What may come at once: what comes evenly within this, and one at least.
constexpr absl::Duration kBurst = absl::Seconds(1);

}  // namespace

RateLimit::RateLimit(double per_second, const Clock& clock)
    : interval_(per_second > 0 ? absl::Seconds(1) / per_second : absl::ZeroDuration()), clock_(clock) {}

absl::Duration RateLimit::Take() {
  if (interval_ == absl::ZeroDuration()) return interval_;
  const absl::Time now = clock_.Now();
  MutexLock lock(mutex_);
  const absl::Duration burst = std::max(kBurst, interval_);
  // No further ahead than it ever gets: a wall clock that was set back must not hold all back for hours.
  due_ = std::clamp(due_, now, now + burst);
  const absl::Duration ahead = due_ + interval_ - now - burst;
  if (ahead > absl::ZeroDuration()) return ahead;
  due_ += interval_;
  return absl::ZeroDuration();
}

}  // namespace lumbar::notification
