// A store around a store: articles come from a shared cache when it has them.
#pragma once

#include <absl/base/thread_annotations.h>
#include <absl/container/flat_hash_map.h>
#include <absl/random/random.h>

#include <string>

#include "common/cache/cache.h"
#include "common/cache/verified.h"
#include "common/concurrency/mutex.h"
#include "common/time/clock.h"
#include "services/content/domain/article_store.h"

namespace lumbar::content {

// Wraps Get; List always asks `origin`. The cache in any state makes no call fail.
//
// How old an answer can be:
// - Hard bound: nothing is given out that was read from the origin more than kBound ago. The time of the reading lies
//   in the value, because the cache's own clock starts late for a Put that a hung server takes up long after. Clocks
//   of replicas that differ add their difference.
// - Once Announce returned, this object never gives an older revision again, nor than any that it read from the origin:
//   it remembers the newest of each article and refuses the others, even if a slow fill brings one back.
// - Other replicas that share the cache don't find the old revision there once Announce returned, except when the cache
//   couldn't be reached for the drop, or when a replica that read the origin before the commit fills after the drop.
//   Then the hard bound holds, and nothing shorter.
class CachedArticleStore final : public ArticleStore {
 public:
  static constexpr absl::Duration kBound = absl::Seconds(30);

  // All must outlive it. `cache` may be shared with other replicas and programs.
  CachedArticleStore(ArticleStore& origin, cache::Cache& cache, const Clock& clock);

  absl::StatusOr<v1::Article> Get(absl::string_view name) override;
  absl::StatusOr<std::vector<v1::Article>> List(const ArticleQuery& query) override { return origin_.List(query); }
  absl::Time Announce(const ShelfChange& change) override;

 private:
  std::optional<v1::Article> Find(const std::string& key, absl::string_view name);
  void Fill(const std::string& key, const v1::Article& article, absl::Time read_time);

  // The newest revision of `name` that this object knows of; raised to `revision` if that is newer.
  int64_t Newest(const std::string& name, int64_t revision);
  absl::Duration TimeToLive();

  ArticleStore& origin_;
  cache::VerifiedCache cache_;
  const Clock& clock_;
  Mutex mutex_;
  // Has an entry for each article that the origin has, so the origin bounds it.
  absl::flat_hash_map<std::string, int64_t> newest_ ABSL_GUARDED_BY(mutex_);
  absl::InsecureBitGen random_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace lumbar::content
