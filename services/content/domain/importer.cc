#include "services/content/domain/importer.h"

#include <absl/container/flat_hash_set.h>

#include "common/status/macros.h"
#include "common/telemetry/log.h"
#include "services/content/domain/article_folder.h"
#include "services/content/domain/desk.h"
#include "services/content/domain/workflow.h"

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

// The folder's to ship no more.
bool IsKept(const v1::Draft& draft) { return !draft.shipped() || draft.state() == v1::ARTICLE_STATE_RETRACTED; }

// Whether readers will get something else of `article` once it is shipped.
absl::StatusOr<bool> WillShow(const v1::Article& article, EditorialStore& drafts, ArticleStore& shelf) {
  const auto draft = drafts.Get(article.name());
  if (absl::IsNotFound(draft.status())) return true;
  LUMBAR_RETURN_IF_ERROR(draft.status());
  if (IsKept(*draft)) return false;
  const auto shown = shelf.Get(article.name());
  if (absl::IsNotFound(shown.status())) return true;
  LUMBAR_RETURN_IF_ERROR(shown.status());
  return shown->etag() != article.etag();
}

absl::Status ShipOne(const FolderArticle& file, EditorialStore& drafts, ArticleStore& shelf, ImportReport& report) {
  const std::string& name = file.article.name();
  LUMBAR_ASSIGN_OR_RETURN(const bool will_show, WillShow(file.article, drafts, shelf));
  if (will_show) shelf.Prepare(name);
  int64_t before = 0;
  const auto draft = drafts.Change({}, name, [&](const v1::Draft* known, absl::Time now) {
    before = known == nullptr ? 0 : known->revision();
    return Ship(known, file.article, file.source, now);
  });
  // Somebody else may have changed it since it was looked at.
  if (will_show || !draft.ok() || draft->revision() != before) AnnounceChange(shelf, name, draft);
  LUMBAR_RETURN_IF_ERROR(draft.status());
  ++report.articles;
  if (IsKept(*draft)) {
    ++report.kept;
    Log(LogLevel::kWarning, "article_not_shipped",
        {{"article", name}, {"state", v1::ArticleState_Name(draft->state())}});
  } else if (draft->revision() != before) {
    ++report.published;
    Log(LogLevel::kInfo, "article_published",
        {{"article", name}, {"revision", draft->revision()}, {"etag", file.article.etag()}});
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ImportReport> ImportArticles(const std::string& folder, EditorialStore& drafts, ArticleStore& shelf) {
  LUMBAR_ASSIGN_OR_RETURN(const std::vector<FolderArticle> files, ReadArticles(folder));
  ImportReport report;
  absl::flat_hash_set<std::string> here;
  for (const FolderArticle& file : files) {
    LUMBAR_RETURN_IF_ERROR(ShipOne(file, drafts, shelf, report));
    here.insert(file.article.name());
  }
  LUMBAR_ASSIGN_OR_RETURN(report.left, LogThoseThatLeft(here, shelf));
  return report;
}

}  // namespace lumbar::content
