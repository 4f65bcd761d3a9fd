// The port to a cache that replicas share: what may be forgotten at any time.
#pragma once

#include <absl/functional/any_invocable.h>
#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace lumbar::cache {

// What lies under a key.
struct Found {
  // Whether the cache could be asked; false: the rest is empty.
  bool reached = false;
  std::optional<std::string> value;
  // The key's stamp, read after the value: "" if it has none.
  std::string stamp;
};

enum class Outcome {
  // Written, and seen by whoever asks from now on.
  kDone,
  // The key's stamp isn't the expected one any more.
  kRefused,
  // Not written, or nobody knows.
  kUnreached,
};

// Every key has a value and a stamp. Whoever changes the truth gives the key another stamp; a value is worth something
// only with the stamp that the key had before the truth was read for it. Replicas that follow the cache (SharedEvents)
// are told of each new stamp.
//
// Never fails its caller: a cache that is down, slow or broken can't be reached, within a bounded time, and no fact
// lives here alone. Callbacks come once each, at once or from a thread of the cache's own: they must not wait. Keys
// hold no patient data. Thread safe.
class SharedCache {
 public:
  virtual ~SharedCache() = default;

  virtual void Get(absl::string_view key, absl::AnyInvocable<void(Found)> done) = 0;
  // Keeps `value` for `ttl` if the stamp of `key` still is `stamp`. A `ttl` below one millisecond keeps nothing.
  virtual void Put(absl::string_view key, absl::string_view stamp, absl::string_view value, absl::Duration ttl,
                   absl::AnyInvocable<void(Outcome)> done) = 0;
  // Gives `key` another stamp, which goes after `ttl`: longer than any value or any reading for one lives.
  virtual void Stamp(absl::string_view key, absl::string_view stamp, absl::Duration ttl,
                     absl::AnyInvocable<void(Outcome)> done) = 0;
  // Forgets the value of `key`: it was refused.
  virtual void Drop(absl::string_view key) = 0;
};

// What a follower is told, from the cache's own thread.
struct SharedEvents {
  // `key` has another stamp.
  std::function<void(absl::string_view key)> changed;
  // Any key may have another one: something was missed.
  std::function<void()> all_changed;
  // Everything that happened in the cache before `time` has been told.
  std::function<void(absl::Time time)> heard;
  // Comes round several times a second, whatever state the cache is in.
  std::function<void()> tick;
};

// What became of the calls that had no answer.
struct CallCounters {
  std::atomic<uint64_t> error = 0;  // time-out, refused or broken connection, an error reply, a value too large
  std::atomic<uint64_t> open = 0;   // not asked: the breaker is open
  std::atomic<uint64_t> busy = 0;   // not asked: too much is under way
};

// What became of all, for the service's metrics. Each Get ends in one of the five.
struct CacheCounters : CallCounters {
  std::atomic<uint64_t> hit = 0;
  std::atomic<uint64_t> miss = 0;
};

}  // namespace lumbar::cache
