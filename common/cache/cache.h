// The port to a shared cache: what may be forgotten at any time.
#pragma once

#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>

namespace lumbar::cache {

// Never fails its caller: a cache that is down, slow or broken looks empty, and no fact lives here alone. Keys hold no
// patient data. Thread safe.
class Cache {
 public:
  virtual ~Cache() = default;

  // The value that was put last, or nullopt when there is none or the cache can't be asked. May be anything that
  // another writer put there; VerifiedCache (verified.h) refuses that.
  virtual std::optional<std::string> Get(absl::string_view key) = 0;

  // Keeps `value` for `ttl`, or doesn't. A `ttl` below one millisecond keeps nothing.
  virtual void Put(absl::string_view key, absl::string_view value, absl::Duration ttl) = 0;

  // Forgets `key` if the cache can be reached; if not, the value stays until its ttl: choose it short enough for that.
  virtual void Drop(absl::string_view key) = 0;
};

// What became of the calls, for the service's metrics. Each Get ends in one of the first five; Put and Drop count only
// when they end in error, open or busy.
struct CacheCounters {
  std::atomic<uint64_t> hit = 0;
  std::atomic<uint64_t> miss = 0;
  std::atomic<uint64_t> error = 0;  // time-out, refused or broken connection, an error reply, a value too large
  std::atomic<uint64_t> open = 0;   // not asked: the breaker is open
  std::atomic<uint64_t> busy = 0;   // not asked: every connection is in use
};

}  // namespace lumbar::cache
