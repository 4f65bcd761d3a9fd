#include "services/content/store/shelf_table.h"

#include <algorithm>
#include <string>

#include "common/status/macros.h"
#include "common/store/errors.h"
#include "common/store/proto_column.h"
#include "common/time/proto_time.h"
#include "services/content/store/sql_article_search.h"

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

int64_t LastRevision(soci::session& session, const std::string& name) {
  int64_t last = 0;
  session << "SELECT CAST(COALESCE(MAX(revision), 0) AS BIGINT) FROM article_revision WHERE name = :name", into(last),
      use(name);
  return last;
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
  listed.clear_sections();
  listed.clear_questions();
  LUMBAR_ASSIGN_OR_RETURN(const std::string listing, store::ToColumn(listed));
  const int64_t revision = article.revision(), publish_time = store::Micros(FromProto(article.publish_time()));
  const std::string& original = article.translation_of().empty() ? article.name() : article.translation_of();
  session << "INSERT INTO article (name, revision, etag, title, topic, language, listing, publish_time, original) "
             "VALUES (:name, :revision, :etag, :title, :topic, :language, :listing, :publish_time, :original) "
             "ON CONFLICT (name) DO UPDATE SET revision = excluded.revision, etag = excluded.etag, "
             "title = excluded.title, topic = excluded.topic, language = excluded.language, "
             "listing = excluded.listing, publish_time = excluded.publish_time, original = excluded.original",
      use(article.name()), use(revision), use(article.etag()), use(article.title()), use(article.topic()),
      use(article.language_code()), use(listing), use(publish_time), use(original);
  return absl::OkStatus();
}

void ReplaceCauses(soci::session& session, const v1::Article& article) {
  session << "DELETE FROM article_cause WHERE name = :name", use(article.name());
  for (const std::string& cause : article.causes()) {
    session << "INSERT INTO article_cause (cause, name) VALUES (:cause, :name) ON CONFLICT (cause, name) DO NOTHING",
        use(cause), use(article.name());
  }
}

}  // namespace

absl::StatusOr<Publication> PutOnShelf(soci::session& session, const v1::Article& article, absl::Time now) {
  LockForChange(session, article);
  int64_t shown = 0;
  std::string etag;
  session << "SELECT revision, etag FROM article WHERE name = :name", into(shown), into(etag), use(article.name());
  if (session.got_data() && etag == article.etag()) return Publication{shown, false};
  v1::Article next = article;
  next.set_revision(LastRevision(session, article.name()) + 1);
  LUMBAR_RETURN_IF_ERROR(InsertRevision(session, next, now));
  LUMBAR_RETURN_IF_ERROR(ShowToReaders(session, next));
  ReplaceCauses(session, next);
  IndexWords(session, next);
  return Publication{next.revision(), true};
}

int64_t TakeOffShelf(soci::session& session, absl::string_view name) {
  const std::string key(name);
  session << "DELETE FROM article_cause WHERE name = :name", use(key);
  ForgetWords(session, key);
  session << "DELETE FROM article WHERE name = :name", use(key);
  return LastRevision(session, key);
}

absl::StatusOr<std::optional<v1::Article>> OnShelf(soci::session& session, absl::string_view name) {
  const std::string key(name);
  std::string body;
  int64_t first = 0;
  session << "SELECT r.body, (SELECT f.create_time FROM article_revision f WHERE f.name = a.name ORDER BY f.revision "
             "LIMIT 1) FROM article a JOIN article_revision r ON r.name = a.name AND r.revision = a.revision "
             "WHERE a.name = :name",
      into(body), into(first), use(key);
  if (!session.got_data()) return std::nullopt;
  LUMBAR_ASSIGN_OR_RETURN(v1::Article article, store::FromColumn<v1::Article>(body));
  // A file of the folder tells of a day before it came here.
  *article.mutable_first_publish_time() =
      ToProtoTime(std::min(store::FromMicros(first), FromProto(article.publish_time())));
  return article;
}

}  // namespace lumbar::content
