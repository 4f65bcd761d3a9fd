// A cache around a cache that gives out only what was put through it.
#pragma once

#include <atomic>
#include <cstdint>

#include "common/cache/cache.h"

namespace lumbar::cache {

// Seals every value (envelope.h). Garbage, another schema's or another key's value reads as a miss and is dropped, so
// that the next Put replaces it. Raise `schema` whenever the payload's form changes.
class VerifiedCache final : public Cache {
 public:
  VerifiedCache(Cache& inner, uint32_t schema) : inner_(inner), schema_(schema) {}

  std::optional<std::string> Get(absl::string_view key) override;
  void Put(absl::string_view key, absl::string_view value, absl::Duration ttl) override;
  void Drop(absl::string_view key) override;

  // How many values were refused.
  uint64_t refused() const { return refused_; }

 private:
  Cache& inner_;
  const uint32_t schema_;
  std::atomic<uint64_t> refused_ = 0;
};

}  // namespace lumbar::cache
