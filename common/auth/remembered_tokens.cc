#include "common/auth/remembered_tokens.h"

namespace lumbar::auth {

RememberedTokens::RememberedTokens(size_t capacity) : generation_size_(capacity / (2 * kShards)) {}

RememberedTokens::Shard& RememberedTokens::ShardOf(absl::string_view digest) {
  return shards_[static_cast<unsigned char>(digest[0]) % kShards];
}

void RememberedTokens::Follow(Shard& shard, const Keys& keys) {
  if (shard.keys == keys) return;
  shard.keys = keys;
  shard.young.clear();
  shard.old.clear();
}

std::optional<Caller> RememberedTokens::Find(absl::string_view digest, const Keys& keys, absl::Time now) {
  Shard& shard = ShardOf(digest);
  const MutexLock lock(shard.mutex);
  Follow(shard, keys);
  for (Generation* generation : {&shard.young, &shard.old}) {
    const auto found = generation->find(digest);
    if (found == generation->end()) continue;
    if (now >= found->second.from && now < found->second.until) return found->second.caller;
    generation->erase(found);
  }
  return std::nullopt;
}

void RememberedTokens::Remember(absl::string_view digest, const Keys& keys, Entry entry) {
  if (generation_size_ == 0) return;
  Shard& shard = ShardOf(digest);
  const MutexLock lock(shard.mutex);
  Follow(shard, keys);
  if (shard.young.size() >= generation_size_) {
    shard.old = std::move(shard.young);
    shard.young = Generation();
  }
  shard.young.insert_or_assign(std::string(digest), std::move(entry));
}

size_t RememberedTokens::size() {
  size_t total = 0;
  for (Shard& shard : shards_) {
    const MutexLock lock(shard.mutex);
    total += shard.young.size() + shard.old.size();
  }
  return total;
}

}  // namespace lumbar::auth
