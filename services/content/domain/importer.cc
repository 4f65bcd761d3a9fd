#include "services/content/domain/importer.h"

#include <absl/container/flat_hash_set.h>

#include "common/status/macros.h"
#include "common/telemetry/log.h"
#include "services/content/domain/article_folder.h"

namespace lumbar::content {
namespace {

constexpr int kPage = 200;

absl::StatusOr<int> LogThoseThatLeft(const absl::flat_hash_set<std::string>& here, ArticleStore& store) {
  int left = 0;
  ArticleQuery query{.limit = kPage};
  while (true) {
    LUMBAR_ASSIGN_OR_RETURN(const std::vector<v1::Article> page, store.List(query));
    for (const v1::Article& article : page) {
      if (here.contains(article.name())) continue;
      ++left;
      Log(LogLevel::kWarning, "article_left_folder", {{"article", article.name()}});
    }
    if (page.size() < kPage) return left;
    query.after = {page.back().title(), page.back().name()};
  }
}

}  // namespace

absl::StatusOr<ImportReport> ImportArticles(const std::string& folder, ArticleStore& store) {
  LUMBAR_ASSIGN_OR_RETURN(const std::vector<v1::Article> articles, ReadArticles(folder));
  ImportReport report;
  absl::flat_hash_set<std::string> here;
  for (const v1::Article& article : articles) {
    LUMBAR_ASSIGN_OR_RETURN(const Publication publication, store.Publish(article));
    here.insert(article.name());
    ++report.articles;
    if (!publication.changed) continue;
    ++report.published;
    Log(LogLevel::kInfo, "article_published",
        {{"article", article.name()}, {"revision", publication.revision}, {"etag", article.etag()}});
  }
  LUMBAR_ASSIGN_OR_RETURN(report.left, LogThoseThatLeft(here, store));
  return report;
}

}  // namespace lumbar::content
