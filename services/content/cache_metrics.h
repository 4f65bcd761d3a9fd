// Where readers' answers came from, for Prometheus.
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>
#include <vector>

#include "common/cache/layered_cache.h"

namespace prometheus {
class Counter;
class Gauge;
class Registry;
}  // namespace prometheus

namespace lumbar::content {

// lumbar_content_answers_total by `from`, lumbar_content_redis_gets_total by `outcome`, and the memory that is taken.
class CacheMetrics {
 public:
  // `shared` is null if there is none. All must outlive it.
  CacheMetrics(prometheus::Registry& registry, const cache::LayeredCache& layers, const cache::CacheCounters* shared);

  // Brings them up to date. One thread at a time.
  void Update();

 private:
  const cache::LayeredCache& layers_;
  std::vector<std::pair<prometheus::Counter*, const std::atomic<uint64_t>*>> counters_;
  prometheus::Gauge& bytes_;
};

}  // namespace lumbar::content
