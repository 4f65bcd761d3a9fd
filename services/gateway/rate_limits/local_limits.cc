#include "services/gateway/rate_limits/local_limits.h"

#include <algorithm>
#include <utility>

namespace lumbar::gateway {
namespace {

// Zero or less: there is one.
absl::Duration WaitOf(const Rate& rate, absl::Time full_at, absl::Time now) {
  return full_at + rate.interval - rate.Ahead() - now;
}

}  // namespace

Verdict LocalLimits::Take(absl::Span<const Bucket> buckets) {
  const absl::Time now = clock_.Now();
  const MutexLock lock(mutex_);
  for (size_t i = 0; i < buckets.size(); ++i) {
    const absl::Duration wait = WaitOf(buckets[i].rate, FullAt(buckets[i].key, now), now);
    if (wait > absl::ZeroDuration()) return {Limiter::kLocal, i, wait};
  }
  for (const Bucket& bucket : buckets) Keep(bucket.key, FullAt(bucket.key, now) + bucket.rate.interval);
  return {};
}

absl::Duration LocalLimits::EmptyFor(const Bucket& bucket) {
  const absl::Time now = clock_.Now();
  const MutexLock lock(mutex_);
  return std::max(WaitOf(bucket.rate, FullAt(bucket.key, now), now), absl::ZeroDuration());
}

void LocalLimits::Learn(const Bucket& bucket, absl::Duration wait) {
  const absl::Time now = clock_.Now();
  const MutexLock lock(mutex_);
  Keep(bucket.key, now + wait + bucket.rate.Ahead() - bucket.rate.interval);
}

size_t LocalLimits::size() {
  const MutexLock lock(mutex_);
  return young_.size() + old_.size();
}

absl::Time LocalLimits::FullAt(const std::string& key, absl::Time now) {
  if (const auto found = young_.find(key); found != young_.end()) return std::max(found->second, now);
  const auto found = old_.find(key);
  return found == old_.end() ? now : std::max(found->second, now);
}

void LocalLimits::Keep(const std::string& key, absl::Time full_at) {
  if (young_.size() >= generation_size_ && !young_.contains(key)) {
    old_ = std::move(young_);
    young_.clear();
  }
  young_[key] = full_at;
}

}  // namespace lumbar::gateway
