#include "services/content/store/sql_article_store.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>

#include "common/status/macros.h"
#include "common/store/errors.h"
#include "common/store/proto_column.h"
#include "lumbar_content_store_embedded.h"
#include "services/content/errors.h"

namespace lumbar::content {
namespace {

using soci::into;
using soci::use;

// Makes others who publish another text of this article wait until this transaction ends, so that what is read next
// stays true.
void LockForChange(soci::session& session, const v1::Article& article) {
  session << "UPDATE article SET revision = revision WHERE name = :name AND etag <> :etag", use(article.name()),
      use(article.etag());
}

// ABORTED/STORE_CONFLICT: somebody else published the article for the first time meanwhile, when there was no row to
// lock.
absl::Status InsertRevision(soci::session& session, const v1::Article& article, absl::Time now) {
  LUMBAR_ASSIGN_OR_RETURN(const std::string body, store::ToColumn(article));
  const int64_t revision = article.revision(), create_time = store::Micros(now);
  soci::statement insert =
      (session.prepare
           << "INSERT INTO article_revision (name, revision, etag, body, create_time) "
              "VALUES (:name, :revision, :etag, :body, :create_time) ON CONFLICT (name, revision) DO NOTHING",
       use(article.name()), use(revision), use(article.etag()), use(body), use(create_time));
  insert.execute(true);
  return insert.get_affected_rows() == 1 ? absl::OkStatus() : store::StoreConflict();
}

absl::Status ShowToReaders(soci::session& session, const v1::Article& article) {
  v1::Article listed = article;
  listed.clear_body_html();
  LUMBAR_ASSIGN_OR_RETURN(const std::string listing, store::ToColumn(listed));
  const int64_t revision = article.revision();
  session << "INSERT INTO article (name, revision, etag, title, topic, listing) "
             "VALUES (:name, :revision, :etag, :title, :topic, :listing) "
             "ON CONFLICT (name) DO UPDATE SET revision = excluded.revision, etag = excluded.etag, "
             "title = excluded.title, topic = excluded.topic, listing = excluded.listing",
      use(article.name()), use(revision), use(article.etag()), use(article.title()), use(article.topic()), use(listing);
  return absl::OkStatus();
}

void ReplaceCauses(soci::session& session, const v1::Article& article) {
  session << "DELETE FROM article_cause WHERE name = :name", use(article.name());
  for (const std::string& cause : article.causes()) {
    session << "INSERT INTO article_cause (cause, name) VALUES (:cause, :name) ON CONFLICT (cause, name) DO NOTHING",
        use(cause), use(article.name());
  }
}

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

store::Migrations ArticleMigrations() { return {"content", sql::kEmbeddedFiles}; }

absl::StatusOr<v1::Article> SqlArticleStore::Get(absl::string_view name) {
  const std::string key(name);
  return database_.Read([&](soci::session& session) -> absl::StatusOr<v1::Article> {
    std::string body;
    session << "SELECT r.body FROM article a JOIN article_revision r ON r.name = a.name AND r.revision = a.revision "
               "WHERE a.name = :name",
        into(body), use(key);
    if (!session.got_data()) return ArticleNotFound();
    return store::FromColumn<v1::Article>(body);
  });
}

absl::StatusOr<std::vector<v1::Article>> SqlArticleStore::List(const ArticleQuery& query) {
  return database_.Read([&](soci::session& session) { return Select(session, query); });
}

absl::StatusOr<Publication> SqlArticleStore::Publish(const v1::Article& article) {
  return database_.Write([&](soci::session& session) -> absl::StatusOr<Publication> {
    LockForChange(session, article);
    int64_t last = 0;
    std::string etag;
    session << "SELECT revision, etag FROM article WHERE name = :name", into(last), into(etag), use(article.name());
    if (session.got_data() && etag == article.etag()) return Publication{last, false};
    v1::Article next = article;
    next.set_revision(session.got_data() ? last + 1 : 1);
    LUMBAR_RETURN_IF_ERROR(InsertRevision(session, next, clock_.Now()));
    LUMBAR_RETURN_IF_ERROR(ShowToReaders(session, next));
    ReplaceCauses(session, next);
    return Publication{next.revision(), true};
  });
}

}  // namespace lumbar::content
