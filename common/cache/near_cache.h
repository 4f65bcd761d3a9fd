// Answers in this process: a bounded piece of memory that knows what is worth keeping.
#pragma once

#include <absl/base/thread_annotations.h>
#include <absl/container/flat_hash_map.h>
#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include <array>
#include <cstdint>
#include <deque>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/concurrency/mutex.h"

namespace lumbar::cache {

// Null: it is known that there is nothing under the key.
using Bytes = std::shared_ptr<const std::string>;

// Evicts as S3-FIFO does (Yang et al., SOSP 2023): a newcomer waits in a small queue and moves to the main one only if
// it is asked for again there, or soon after it left; so a scan of what nobody wants twice pushes nothing out that is
// wanted. Thread safe.
class NearCache {
 public:
  struct Entry {
    Bytes bytes;
    // From here on it should be fetched anew, and is given out meanwhile; from here on it is over.
    absl::Time stale_time;
    absl::Time end_time;
    // When it was last known to be the truth. Without word from the shared cache it is given out for `kAlone` more.
    absl::Time checked_time;
  };
  struct Hit {
    Bytes bytes;
    // It is stale and this caller should see to a new one. Others aren't told for a second.
    bool refresh = false;
  };
  // What Put has to show: nothing was dropped since.
  struct Ticket {
    uint64_t all = 0;
    uint64_t slot = 0;
  };

  static constexpr absl::Duration kAlone = absl::Seconds(1);

  // Keys, values and what they cost besides stay below `most_bytes`.
  explicit NearCache(size_t most_bytes, size_t shards = 8);

  // `heard_time`: everything that changed before it has been dropped.
  std::optional<Hit> Find(absl::string_view key, absl::Time now, absl::Time heard_time);
  // To be taken before the truth is read for a Put.
  Ticket Begin(absl::string_view key);
  // Whether nothing was dropped since.
  bool IsCurrent(absl::string_view key, const Ticket& ticket);
  // False, and keeps nothing, if `key` was dropped since the ticket was taken, or the entry is too large to keep.
  bool Put(absl::string_view key, const Ticket& ticket, Entry entry);
  void Drop(absl::string_view key);
  void Clear();

  size_t bytes() const;
  size_t entries() const;

 private:
  static constexpr size_t kSlots = 256;

  struct Node {
    std::string key;
    Entry entry;
    size_t cost = 0;
    int uses = 0;
    bool in_main = false;
  };
  using Queue = std::list<Node>;

  struct Shard {
    mutable Mutex mutex;
    // The newest in front.
    Queue small ABSL_GUARDED_BY(mutex);
    Queue main ABSL_GUARDED_BY(mutex);
    absl::flat_hash_map<absl::string_view, Queue::iterator> index ABSL_GUARDED_BY(mutex);
    // Hashes of what left the small queue lately, and how often each is in it.
    std::deque<uint64_t> ghosts ABSL_GUARDED_BY(mutex);
    absl::flat_hash_map<uint64_t, int> is_ghost ABSL_GUARDED_BY(mutex);
    size_t small_bytes ABSL_GUARDED_BY(mutex) = 0;
    size_t bytes ABSL_GUARDED_BY(mutex) = 0;
    // Counts drops, of all and by the key's hash: a drop of another key of the same slot costs one Put.
    uint64_t clears ABSL_GUARDED_BY(mutex) = 0;
    std::array<uint64_t, kSlots> drops ABSL_GUARDED_BY(mutex) = {};

    void Remove(Queue::iterator node) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex);
    void MakeRoom(size_t most_bytes) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex);
    void EvictSmall() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex);
    void EvictMain() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex);
    void Remember(uint64_t hash) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex);
    bool Recall(uint64_t hash) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex);
  };

  static uint64_t HashOf(absl::string_view key);
  Shard& ShardOf(uint64_t hash) { return shards_[hash % shards_.size()]; }
  static size_t SlotOf(uint64_t hash) { return hash / 1024 % kSlots; }

  const size_t most_bytes_;
  std::vector<Shard> shards_;
};

}  // namespace lumbar::cache
