// Counts in this process alone.
#pragma once

#include <absl/base/thread_annotations.h>
#include <absl/container/flat_hash_map.h>
#include <absl/types/span.h>

#include <optional>
#include <string>

#include "common/concurrency/mutex.h"
#include "common/time/clock.h"
#include "services/gateway/rate_limits/rate_limits.h"

namespace lumbar::gateway {

// GCRA. Knows of `most` buckets, in two generations: a full young one becomes the old one, and the old one is
// forgotten, which makes its buckets full again. Whoever has so many addresses has that many budgets anyway. Thread
// safe.
class LocalLimits {
 public:
  // `clock` goes on evenly, and outlives the limits.
  explicit LocalLimits(const Clock& clock, size_t most = 100'000) : clock_(clock), generation_size_(most / 2) {}

  // As RateLimits::Take.
  Verdict Take(absl::Span<const Bucket> buckets);
  // How long the bucket has none; takes nothing.
  absl::Duration EmptyFor(const Bucket& bucket);
  // Somebody who knows better says that it has none for so long.
  void Learn(const Bucket& bucket, absl::Duration wait);

  size_t size();

 private:
  // When each bucket is full again.
  using Generation = absl::flat_hash_map<std::string, absl::Time>;

  // Never before `now`.
  absl::Time FullAt(const std::string& key, absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Keep(const std::string& key, absl::Time full_at) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Clock& clock_;
  const size_t generation_size_;
  Mutex mutex_;
  Generation young_ ABSL_GUARDED_BY(mutex_);
  Generation old_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace lumbar::gateway
