#include "services/content/store/cached_article_store.h"

#include <utility>

#include "common/status/macros.h"
#include "lumbar/content/v1/content_service.pb.h"
#include "services/content/errors.h"

namespace lumbar::content {
namespace {

// Of GetArticleResponse, serialised.
constexpr uint32_t kSchema = 3;

}  // namespace

CachedArticleStore::CachedArticleStore(ArticleStore& origin, size_t near_bytes, Executor& executor, const Clock& wall,
                                       const Clock& steady)
    : origin_(origin),
      wall_(wall),
      layers_({.near_bytes = near_bytes,
               .schema = kSchema,
               .bound = kBound,
               .read = [this](absl::string_view name) { return Read(name); },
               .absent = ArticleNotFound()},
              executor, wall, steady) {}

absl::StatusOr<std::string> CachedArticleStore::Read(absl::string_view name) {
  v1::GetArticleResponse response;
  LUMBAR_ASSIGN_OR_RETURN(*response.mutable_article(), origin_.Get(name));
  return response.SerializeAsString();
}

absl::Time CachedArticleStore::Announce(const ShelfChange& change) {
  const absl::Duration left = layers_.Changed(change.name);
  return wall_.Now() + left;
}

}  // namespace lumbar::content
