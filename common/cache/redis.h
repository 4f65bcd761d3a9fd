// The shared cache on Redis.
#pragma once

#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include <cstdint>
#include <memory>
#include <string>

#include "common/cache/redis_client.h"
#include "common/cache/redis_link.h"
#include "common/cache/redis_options.h"
#include "common/cache/shared_cache.h"
#include "common/time/clock.h"

namespace lumbar::cache {

// One connection for commands (redis_client.h) and one that follows changes (redis_link.h), both on one thread of its
// own. Stamps are asked whatever the breaker says: a change is rare, and must be told. An empty value reads as a miss.
class RedisCache final : public SharedCache {
 public:
  // `clock`, which the breaker and the followers go by, goes on evenly. INVALID_ARGUMENT/INVALID_FIELD: the file of
  // authorities can't be read.
  static absl::StatusOr<std::unique_ptr<RedisCache>> Start(RedisOptions options, SharedEvents events,
                                                           const Clock& clock);
  // Ends as Stop does.
  ~RedisCache() override;

  void Get(absl::string_view key, absl::AnyInvocable<void(Found)> done) override;
  void Put(absl::string_view key, absl::string_view stamp, absl::string_view value, absl::Duration ttl,
           absl::AnyInvocable<void(Outcome)> done) override;
  void Stamp(absl::string_view key, absl::string_view stamp, absl::Duration ttl,
             absl::AnyInvocable<void(Outcome)> done) override;
  void Drop(absl::string_view key) override;

  // Calls back for everything under way, tells nothing any more, and ends the thread: from here on it is out of reach.
  void Stop();

  const CacheCounters& counters() const { return counters_; }

 private:
  RedisCache(const RedisOptions& options, SharedEvents events);

  const SharedEvents events_;
  const int64_t max_value_bytes_;
  const std::string value_prefix_, stamp_prefix_, channel_;
  CacheCounters counters_;
  std::unique_ptr<RedisClient> client_;
  std::unique_ptr<RedisLink> link_;
};

}  // namespace lumbar::cache
