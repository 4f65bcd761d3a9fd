// Redis while it answers, else this process alone.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "common/time/clock.h"
#include "services/gateway/rate_limits/local_limits.h"
#include "services/gateway/rate_limits/rate_limits.h"
#include "services/gateway/rate_limits/redis_limits.h"

namespace lumbar::gateway {

// Each process then gives what all give together otherwise. What Redis refuses is remembered here, so that whoever
// repeats a request at once costs it nothing: a bucket that is empty stays so until its time, whoever counts.
class LayeredLimits final : public RateLimits {
 public:
  // `redis` may be null; both outlive the limits. `clock` goes on evenly.
  LayeredLimits(RedisLimits* redis, const Clock& clock) : redis_(redis), local_(clock) {}

  void Take(std::vector<Bucket> buckets, Done done) override;
  std::optional<Verdict> KnownEmpty(const Bucket& bucket) override;

 private:
  bool IsShared() const { return redis_ != nullptr && redis_->answers(); }

  RedisLimits* const redis_;
  LocalLimits local_;
};

}  // namespace lumbar::gateway
