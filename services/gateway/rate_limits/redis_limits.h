// Counts in Redis, for all gateways together.
#pragma once

#include <absl/functional/any_invocable.h>
#include <absl/status/statusor.h>
#include <absl/types/span.h>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/cache/redis_client.h"
#include "common/time/clock.h"
#include "services/gateway/rate_limits/rate_limits.h"

namespace lumbar::gateway {

// GCRA in one script, by the clock of Redis. Whether Redis is asked at all is decided by a beat: a question of our own,
// several times a second, as the others are put. While the last one was answered everybody asks; else nobody does, so
// that a Redis that is gone costs requests nothing. Thread safe, but for Stop.
class RedisLimits {
 public:
  // Often enough that a Redis that is back is used within two seconds, its breaker's pause included.
  static constexpr absl::Duration kBeat = absl::Milliseconds(200);

  // `on_switch` is told, by a thread of its own, what answers() is from now on, whenever it changes. `clock` goes on
  // evenly and outlives the limits. INVALID_ARGUMENT/INVALID_FIELD: the file of authorities can't be read.
  static absl::StatusOr<std::unique_ptr<RedisLimits>> Start(cache::RedisOptions options, const Clock& clock,
                                                            std::function<void(bool)> on_switch);
  ~RedisLimits();

  bool answers() const { return answers_.load(std::memory_order_relaxed); }

  // As RateLimits::Take; nothing: Redis didn't say, and may have counted or not.
  using Done = absl::AnyInvocable<void(std::optional<Verdict>)>;
  void Take(absl::Span<const Bucket> buckets, Done done);

  // What became of questions that had no answer.
  const cache::CallCounters& counters() const { return counters_; }

 private:
  explicit RedisLimits(std::function<void(bool)> on_switch) : on_switch_(std::move(on_switch)) {}

  void Ask(std::shared_ptr<const std::vector<std::string>> words, Done done);
  void Beat();
  void Switch(bool answers);

  const std::function<void(bool)> on_switch_;
  cache::CallCounters counters_;
  std::atomic<bool> answers_ = false;
  std::unique_ptr<cache::RedisClient> client_;
  std::optional<boost::asio::steady_timer> timer_;
};

}  // namespace lumbar::gateway
