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
  const absl::Time due = std::max(due_, now);
  const absl::Duration ahead = due + interval_ - now - std::max(kBurst, interval_);
  if (ahead > absl::ZeroDuration()) return ahead;
  due_ = due + interval_;
  return absl::ZeroDuration();
}

}  // namespace lumbar::notification
