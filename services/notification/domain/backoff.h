// How long to wait before a failed message is tried again.
#pragma once

#include <absl/random/bit_gen_ref.h>
#include <absl/time/time.h>

#include <cstdint>

namespace lumbar::notification {

// The longest wait after this many tries: a minute, doubling up to an hour. Eight tries span up to two hours.
absl::Duration BackoffCeiling(int32_t attempts);

// A wait between nothing and BackoffCeiling, evenly distributed (full jitter), so that messages which failed together
// aren't tried together.
absl::Duration Backoff(int32_t attempts, absl::BitGenRef random);

// How long a provider may have a message wait by Retry-After that is of use for `useful`: half of that, so that it
// comes in time if the provider is back sooner; and a day at most.
absl::Duration LongestRetryAfter(absl::Duration useful);

}  // namespace lumbar::notification
