#include "services/content/store/cached_article_store.h"

#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_split.h>

#include <algorithm>

#include "common/status/macros.h"

namespace lumbar::content {
namespace {

// Of the payload's form: "<expiry in microseconds since 1970 UTC>\n<serialised article>".
constexpr uint32_t kSchema = 1;

std::string KeyOf(absl::string_view name) { return absl::StrCat("lumbar:content:", name); }

std::string Pack(const v1::Article& article, absl::Time expiry) {
  return absl::StrCat(absl::ToUnixMicros(expiry), "\n", article.SerializeAsString());
}

// Nullopt if it is over at `now`, or would live longer than any value can.
std::optional<v1::Article> Unpack(absl::string_view payload, absl::Time now) {
  const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(payload, absl::MaxSplits('\n', 1));
  int64_t micros = 0;
  v1::Article article;
  if (!absl::SimpleAtoi(parts.first, &micros)) return std::nullopt;
  const absl::Time expiry = absl::FromUnixMicros(micros);
  if (expiry <= now || expiry > now + CachedArticleStore::kBound) return std::nullopt;
  if (!article.ParseFromArray(parts.second.data(), static_cast<int>(parts.second.size()))) return std::nullopt;
  return article;
}

}  // namespace

CachedArticleStore::CachedArticleStore(ArticleStore& origin, cache::Cache& cache, const Clock& clock)
    : origin_(origin), cache_(cache, kSchema), clock_(clock) {}

absl::StatusOr<v1::Article> CachedArticleStore::Get(absl::string_view name) {
  const std::string key = KeyOf(name);
  if (auto hit = Find(key, name)) return *std::move(hit);
  const absl::Time read_time = clock_.Now();
  LUMBAR_ASSIGN_OR_RETURN(v1::Article article, origin_.Get(name));
  Fill(key, article, read_time);
  return article;
}

std::optional<v1::Article> CachedArticleStore::Find(const std::string& key, absl::string_view name) {
  const auto payload = cache_.Get(key);
  if (!payload) return std::nullopt;
  auto article = Unpack(*payload, clock_.Now());
  if (article && article->name() == name && article->revision() >= Newest(article->name(), 0)) return article;
  cache_.Drop(key);
  return std::nullopt;
}

// A publish between the reading and the Put would have dropped the key before the Put: look again after it. A publish
// after this look drops what was put.
void CachedArticleStore::Fill(const std::string& key, const v1::Article& article, absl::Time read_time) {
  if (Newest(article.name(), article.revision()) > article.revision()) return;
  const absl::Time expiry = read_time + TimeToLive();
  cache_.Put(key, Pack(article, expiry), expiry - clock_.Now());
  if (Newest(article.name(), 0) > article.revision()) cache_.Drop(key);
}

// Other replicas may have what is outdated until the bound has passed.
absl::Time CachedArticleStore::Announce(const ShelfChange& change) {
  Newest(change.name, change.revision);
  cache_.Drop(KeyOf(change.name));
  return clock_.Now() + kBound;
}

int64_t CachedArticleStore::Newest(const std::string& name, int64_t revision) {
  const MutexLock lock(mutex_);
  int64_t& newest = newest_[name];
  newest = std::max(newest, revision);
  return newest;
}

absl::Duration CachedArticleStore::TimeToLive() {
  const MutexLock lock(mutex_);
  // Spread, so that what was filled together isn't read together again; below the bound, so that a replica whose clock
  // is a second behind doesn't refuse it.
  return kBound * absl::Uniform(random_, 0.8, 0.95);
}

}  // namespace lumbar::content
