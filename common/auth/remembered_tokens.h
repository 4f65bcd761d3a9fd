// Callers of tokens that were verified a moment ago: a look-up costs 2 us where a signature costs 70 to 140.
#pragma once

#include <absl/base/thread_annotations.h>
#include <absl/container/flat_hash_map.h>
#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include <array>
#include <memory>
#include <optional>
#include <string>

#include "common/auth/caller.h"
#include "common/auth/jwks.h"
#include "common/concurrency/mutex.h"

namespace lumbar::auth {

// Holds at most `capacity` tokens, in shards of two generations each: a full young generation becomes the old one, and
// the old one is forgotten. Thread safe.
class RememberedTokens {
 public:
  using Keys = std::shared_ptr<const KeySet>;
  struct Entry {
    Caller caller;
    // The token is good in [from, until).
    absl::Time from;
    absl::Time until;
  };

  explicit RememberedTokens(size_t capacity);

  // The caller of the token with this SHA-256, if it was remembered under this very set of keys and is good at `now`.
  std::optional<Caller> Find(absl::string_view digest, const Keys& keys, absl::Time now);
  // Remembers until `entry.until`, or until another set of keys is seen.
  void Remember(absl::string_view digest, const Keys& keys, Entry entry);
  size_t size();

 private:
  using Generation = absl::flat_hash_map<std::string, Entry>;
  struct Shard {
    Mutex mutex;
    // Held, so that no other set can get its address.
    Keys keys ABSL_GUARDED_BY(mutex);
    Generation young ABSL_GUARDED_BY(mutex);
    Generation old ABSL_GUARDED_BY(mutex);
  };
  static constexpr size_t kShards = 16;

  Shard& ShardOf(absl::string_view digest);
  static void Follow(Shard& shard, const Keys& keys) ABSL_EXCLUSIVE_LOCKS_REQUIRED(shard.mutex);

  const size_t generation_size_;
  std::array<Shard, kShards> shards_;
};

}  // namespace lumbar::auth
