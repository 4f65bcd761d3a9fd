#include "common/cache/verified.h"

#include "common/cache/envelope.h"

namespace lumbar::cache {

std::optional<std::string> VerifiedCache::Get(absl::string_view key) {
  const auto sealed = inner_.Get(key);
  if (!sealed) return std::nullopt;
  auto payload = Decode(schema_, key, *sealed);
  if (!payload) {
    ++refused_;
    inner_.Drop(key);
  }
  return payload;
}

void VerifiedCache::Put(absl::string_view key, absl::string_view value, absl::Duration ttl) {
  inner_.Put(key, Encode(schema_, key, value), ttl);
}

void VerifiedCache::Drop(absl::string_view key) { inner_.Drop(key); }

}  // namespace lumbar::cache
