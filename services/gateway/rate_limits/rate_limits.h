// How often somebody may ask.
#pragma once

#include <absl/functional/any_invocable.h>
#include <absl/time/time.h>

#include <optional>
#include <string>
#include <vector>

#include "services/gateway/rate_limits/rate.h"

namespace lumbar::gateway {

struct Bucket {
  // Tells nobody whose it is: it goes to Redis.
  std::string key;
  Rate rate;
};

// Who keeps the count: the Redis that all gateways share, or this process alone.
enum class Limiter { kRedis, kLocal };

struct Verdict {
  Limiter limiter = Limiter::kLocal;
  // Which of the buckets has none left; nothing: one was taken from each.
  std::optional<size_t> empty = std::nullopt;
  // How long until that one has one again.
  absl::Duration wait = absl::ZeroDuration();
};

// Thread safe. Never fails.
class RateLimits {
 public:
  virtual ~RateLimits() = default;

  using Done = absl::AnyInvocable<void(const Verdict&)>;

  // Takes one from each bucket, or none from any if one is empty. Never waits; calls `done` once, before it returns or
  // from a thread that must not wait either.
  virtual void Take(std::vector<Bucket> buckets, Done done) = 0;

  // The verdict on a bucket that is known here to be empty, without asking anybody. Takes nothing.
  virtual std::optional<Verdict> KnownEmpty(const Bucket& bucket) = 0;
};

}  // namespace lumbar::gateway
