#include "services/notification/domain/backoff.h"

#include <absl/random/distributions.h>

#include <algorithm>

namespace lumbar::notification {

absl::Duration BackoffCeiling(int32_t attempts) {
  constexpr int32_t kDoublingsToCap = 6;
  return std::min(absl::Minutes(1) * (1 << std::clamp(attempts - 1, 0, kDoublingsToCap)), absl::Hours(1));
}

absl::Duration Backoff(int32_t attempts, absl::BitGenRef random) {
  return absl::Uniform(random, 0.0, 1.0) * BackoffCeiling(attempts);
}

absl::Duration LongestRetryAfter(absl::Duration useful) { return std::min(useful / 2, absl::Hours(24)); }

}  // namespace lumbar::notification
