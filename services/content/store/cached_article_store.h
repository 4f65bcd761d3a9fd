// A store around a store: what readers get lies ready in layers of caches.
#pragma once

#include "common/cache/layered_cache.h"
#include "services/content/domain/article_answers.h"
#include "services/content/domain/article_store.h"

namespace lumbar::content {

// Answers come from this process's memory, from the cache that replicas share, or from `origin`, and are as old as
// LayeredCache promises; everything else is `origin`'s. Caches in any state make no call fail.
class CachedArticleStore final : public ArticleStore, public ArticleAnswers {
 public:
  static constexpr absl::Duration kBound = absl::Seconds(30);

  // `wall` is what replicas share; `steady` goes on evenly. All must outlive it, and `executor` its last answer.
  CachedArticleStore(ArticleStore& origin, size_t near_bytes, Executor& executor, const Clock& wall,
                     const Clock& steady);

  // For the shared cache, if there is one: LayeredCache::Events and Share.
  cache::LayeredCache& layers() { return layers_; }

  void Find(absl::string_view name, rpc::GiveAnswer give) override { layers_.Get(name, std::move(give)); }

  absl::StatusOr<v1::Article> Get(absl::string_view name) override { return origin_.Get(name); }
  absl::StatusOr<std::vector<v1::Article>> List(const ArticleQuery& query) override { return origin_.List(query); }
  void Prepare(absl::string_view name) override { layers_.Changing(name); }
  absl::Time Announce(const ShelfChange& change) override;

 private:
  absl::StatusOr<std::string> Read(absl::string_view name);

  ArticleStore& origin_;
  const Clock& wall_;
  cache::LayeredCache layers_;
};

}  // namespace lumbar::content
