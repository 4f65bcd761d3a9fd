#include "services/gateway/rate_limits/layered_limits.h"

#include <utility>

namespace lumbar::gateway {

std::optional<Verdict> LayeredLimits::KnownEmpty(const Bucket& bucket) {
  const absl::Duration wait = local_.EmptyFor(bucket);
  if (wait <= absl::ZeroDuration()) return std::nullopt;
  return Verdict{IsShared() ? Limiter::kRedis : Limiter::kLocal, 0, wait};
}

void LayeredLimits::Take(std::vector<Bucket> buckets, Done done) {
  if (!IsShared()) return done(local_.Take(buckets));
  for (size_t i = 0; i < buckets.size(); ++i) {
    if (auto known = KnownEmpty(buckets[i])) {
      known->empty = i;
      return done(*known);
    }
  }
  // Looks at what moves into the callback, and stays where it is.
  const absl::Span<const Bucket> asked = buckets;
  redis_->Take(asked, [this, buckets = std::move(buckets),
                       done = std::move(done)](const std::optional<Verdict>& verdict) mutable {
    if (!verdict) return done(local_.Take(buckets));
    if (verdict->empty) local_.Learn(buckets[*verdict->empty], verdict->wait);
    done(*verdict);
  });
}

}  // namespace lumbar::gateway
