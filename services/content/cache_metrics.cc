#include "services/content/cache_metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

namespace lumbar::content {

CacheMetrics::CacheMetrics(prometheus::Registry& registry, const cache::LayeredCache& layers,
                           const cache::CacheCounters* shared)
    : layers_(layers),
      bytes_(prometheus::BuildGauge()
                 .Name("lumbar_content_near_cache_bytes")
                 .Help("Memory that answers take in this process")
                 .Register(registry)
                 .Add({})) {
  auto& answers = prometheus::BuildCounter()
                      .Name("lumbar_content_answers_total")
                      .Help("Answers to readers, and values refused, by where they came from")
                      .Register(registry);
  const cache::LayerCounters& from = layers.counters();
  counters_ = {{&answers.Add({{"from", "near"}}), &from.near},
               {&answers.Add({{"from", "joined"}}), &from.joined},
               {&answers.Add({{"from", "redis"}}), &from.shared},
               {&answers.Add({{"from", "database"}}), &from.origin},
               {&answers.Add({{"from", "refused"}}), &from.refused}};
  if (shared == nullptr) return;
  auto& gets = prometheus::BuildCounter()
                   .Name("lumbar_content_redis_gets_total")
                   .Help("What became of questions to Redis")
                   .Register(registry);
  counters_.insert(counters_.end(), {{&gets.Add({{"outcome", "hit"}}), &shared->hit},
                                     {&gets.Add({{"outcome", "miss"}}), &shared->miss},
                                     {&gets.Add({{"outcome", "error"}}), &shared->error},
                                     {&gets.Add({{"outcome", "open"}}), &shared->open},
                                     {&gets.Add({{"outcome", "busy"}}), &shared->busy}});
}

void CacheMetrics::Update() {
  for (const auto& [counter, count] : counters_) {
    counter->Increment(static_cast<double>(count->load()) - counter->Value());
  }
  bytes_.Set(static_cast<double>(layers_.near().bytes()));
}

}  // namespace lumbar::content
