#include "common/cache/near_cache.h"

#include <absl/hash/hash.h>

#include <algorithm>
#include <utility>

namespace lumbar::cache {
namespace {

// What an entry costs besides key and value: its node, its place in the index, a ghost, and what the allocator adds.
constexpr size_t kOverhead = 384;
constexpr int kMostUses = 3;
// One part in so many is the small queue's.
constexpr size_t kSmallPart = 10;

size_t CostOf(absl::string_view key, const Bytes& bytes) {
  return kOverhead + key.size() + (bytes == nullptr ? 0 : bytes->size());
}

}  // namespace

NearCache::NearCache(size_t most_bytes, size_t shards) : most_bytes_(most_bytes / shards), shards_(shards) {}

uint64_t NearCache::HashOf(absl::string_view key) { return absl::Hash<absl::string_view>()(key); }

std::optional<NearCache::Hit> NearCache::Find(absl::string_view key, absl::Time now, absl::Time heard_time) {
  Shard& shard = ShardOf(HashOf(key));
  const MutexLock lock(shard.mutex);
  const auto found = shard.index.find(key);
  if (found == shard.index.end()) return std::nullopt;
  Node& node = *found->second;
  Entry& entry = node.entry;
  if (now >= entry.end_time || now >= std::max(heard_time, entry.checked_time) + kAlone) return std::nullopt;
  node.uses = std::min(node.uses + 1, kMostUses);
  const bool refresh = now >= entry.stale_time;
  if (refresh) entry.stale_time = now + absl::Seconds(1);
  return Hit{entry.bytes, refresh};
}

NearCache::Ticket NearCache::Begin(absl::string_view key) {
  const uint64_t hash = HashOf(key);
  Shard& shard = ShardOf(hash);
  const MutexLock lock(shard.mutex);
  return {shard.clears, shard.drops[SlotOf(hash)]};
}

bool NearCache::IsCurrent(absl::string_view key, const Ticket& ticket) {
  const Ticket now = Begin(key);
  return now.all == ticket.all && now.slot == ticket.slot;
}

bool NearCache::Put(absl::string_view key, const Ticket& ticket, Entry entry) {
  const uint64_t hash = HashOf(key);
  Shard& shard = ShardOf(hash);
  const size_t cost = CostOf(key, entry.bytes);
  const MutexLock lock(shard.mutex);
  if (ticket.all != shard.clears || ticket.slot != shard.drops[SlotOf(hash)]) return false;
  if (cost > most_bytes_ / kSmallPart) return false;
  int uses = 0;
  bool in_main = shard.Recall(hash);
  if (const auto old = shard.index.find(key); old != shard.index.end()) {
    uses = old->second->uses;
    in_main = old->second->in_main;
    shard.Remove(old->second);
  }
  Queue& queue = in_main ? shard.main : shard.small;
  queue.push_front({std::string(key), std::move(entry), cost, uses, in_main});
  shard.index.emplace(queue.front().key, queue.begin());
  shard.bytes += cost;
  if (!in_main) shard.small_bytes += cost;
  shard.MakeRoom(most_bytes_);
  return true;
}

void NearCache::Drop(absl::string_view key) {
  const uint64_t hash = HashOf(key);
  Shard& shard = ShardOf(hash);
  const MutexLock lock(shard.mutex);
  ++shard.drops[SlotOf(hash)];
  if (const auto found = shard.index.find(key); found != shard.index.end()) shard.Remove(found->second);
}

void NearCache::Clear() {
  for (Shard& shard : shards_) {
    const MutexLock lock(shard.mutex);
    ++shard.clears;
    shard.index.clear();
    shard.small.clear();
    shard.main.clear();
    shard.small_bytes = shard.bytes = 0;
  }
}

size_t NearCache::bytes() const {
  size_t bytes = 0;
  for (const Shard& shard : shards_) {
    const MutexLock lock(shard.mutex);
    bytes += shard.bytes;
  }
  return bytes;
}

size_t NearCache::entries() const {
  size_t entries = 0;
  for (const Shard& shard : shards_) {
    const MutexLock lock(shard.mutex);
    entries += shard.index.size();
  }
  return entries;
}

void NearCache::Shard::Remove(Queue::iterator node) {
  bytes -= node->cost;
  if (!node->in_main) small_bytes -= node->cost;
  index.erase(node->key);
  (node->in_main ? main : small).erase(node);
}

void NearCache::Shard::MakeRoom(size_t most_bytes) {
  while (bytes > most_bytes) {
    const bool from_small = main.empty() || small_bytes > most_bytes / kSmallPart;
    from_small ? EvictSmall() : EvictMain();
  }
}

void NearCache::Shard::EvictSmall() {
  const auto oldest = std::prev(small.end());
  if (oldest->uses == 0) {
    Remember(HashOf(oldest->key));
    return Remove(oldest);
  }
  oldest->uses = 0;
  oldest->in_main = true;
  small_bytes -= oldest->cost;
  main.splice(main.begin(), small, oldest);
}

void NearCache::Shard::EvictMain() {
  const auto oldest = std::prev(main.end());
  if (oldest->uses == 0) return Remove(oldest);
  --oldest->uses;
  main.splice(main.begin(), main, oldest);
}

// As many as there are entries: they are paid for by these.
void NearCache::Shard::Remember(uint64_t hash) {
  ghosts.push_back(hash);
  ++is_ghost[hash];
  while (ghosts.size() > index.size()) {
    const auto oldest = is_ghost.find(ghosts.front());
    if (--oldest->second == 0) is_ghost.erase(oldest);
    ghosts.pop_front();
  }
}

bool NearCache::Shard::Recall(uint64_t hash) { return is_ghost.contains(hash); }

}  // namespace lumbar::cache
