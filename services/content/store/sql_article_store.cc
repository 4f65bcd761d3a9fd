#include "services/content/store/sql_article_store.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>

#include "common/status/macros.h"
#include "common/store/proto_column.h"
#include "services/content/errors.h"
#include "services/content/store/shelf_table.h"

namespace lumbar::content {
namespace {

using soci::into;
using soci::use;

// ":cause0, :cause1", bound to `causes`.
std::string BindCauses(soci::statement& select, const std::vector<std::string>& causes) {
  std::vector<std::string> places;
  for (const std::string& cause : causes) {
    const std::string name = absl::StrCat("cause", places.size());
    select.exchange(use(cause, name));
    places.push_back(":" + name);
  }
  return absl::StrJoin(places, ", ");
}

absl::StatusOr<std::vector<v1::Article>> Select(soci::session& session, const ArticleQuery& query) {
  const ArticlePosition after = query.after.value_or(ArticlePosition{});
  std::string listing;
  soci::statement select(session);
  select.exchange(into(listing));
  std::string filter;
  if (!query.topic.empty()) {
    filter += "topic = :topic AND ";
    select.exchange(use(query.topic, "topic"));
  }
  if (!query.language.empty()) {
    filter += "language = :language AND ";
    select.exchange(use(query.language, "language"));
  }
  if (!query.causes.empty()) {
    const std::string causes = BindCauses(select, query.causes);
    absl::StrAppend(&filter, "name IN (SELECT name FROM article_cause WHERE cause IN (", causes, ")) AND ");
  }
  select.exchange(use(after.title, "title"));
  select.exchange(use(after.name, "name"));
  select.exchange(use(query.limit, "rows"));
  select.alloc();
  select.prepare("SELECT listing FROM article WHERE " + filter +
                 "(title, name) > (:title, :name) ORDER BY title, name LIMIT :rows");
  select.define_and_bind();
  select.execute();
  std::vector<v1::Article> found;
  while (select.fetch()) {
    LUMBAR_ASSIGN_OR_RETURN(v1::Article article, store::FromColumn<v1::Article>(listing));
    found.push_back(std::move(article));
  }
  return found;
}

}  // namespace

absl::StatusOr<v1::Article> SqlArticleStore::Get(absl::string_view name) {
  return database_.Read([&](soci::session& session) -> absl::StatusOr<v1::Article> {
    LUMBAR_ASSIGN_OR_RETURN(std::optional<v1::Article> article, OnShelf(session, name));
    if (!article) return ArticleNotFound();
    return *std::move(article);
  });
}

absl::StatusOr<std::vector<v1::Article>> SqlArticleStore::List(const ArticleQuery& query) {
  return database_.Read([&](soci::session& session) { return Select(session, query); });
}

}  // namespace lumbar::content
