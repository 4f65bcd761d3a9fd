#include "services/content/store/draft_table.h"

#include "common/status/macros.h"
#include "common/store/errors.h"
#include "common/store/proto_column.h"
#include "services/content/errors.h"
#include "services/content/store/shelf_table.h"

namespace lumbar::content {
namespace {

using soci::into;
using soci::use;

// Every column has room for it.
constexpr int64_t kNever = INT64_MAX;

int64_t WakeMicros(const v1::Draft& draft) {
  const absl::Time time = WakeTime(draft);
  return time == absl::InfiniteFuture() ? kNever : store::Micros(time);
}

absl::Status SaveDraft(soci::session& session, const v1::Draft& draft, bool is_new) {
  LUMBAR_ASSIGN_OR_RETURN(const std::string body, store::ToColumn(draft));
  const int64_t state = draft.state(), wake_time = WakeMicros(draft);
  if (!is_new) {
    session << "UPDATE article_draft SET version = version + 1, state = :state, wake_time = :wake_time, body = :body "
               "WHERE name = :name",
        use(state), use(wake_time), use(body), use(draft.name());
    return absl::OkStatus();
  }
  soci::statement insert = (session.prepare << "INSERT INTO article_draft (name, version, state, wake_time, body) "
                                               "VALUES (:name, 1, :state, :wake_time, :body) ON CONFLICT (name) "
                                               "DO NOTHING",
                            use(draft.name()), use(state), use(wake_time), use(body));
  insert.execute(true);
  return insert.get_affected_rows() == 1 ? absl::OkStatus() : store::StoreConflict();
}

void KeepText(soci::session& session, const v1::Draft& draft, absl::Time now) {
  const int64_t create_time = store::Micros(now);
  session << "INSERT INTO article_text (name, etag, source, create_time) VALUES (:name, :etag, :source, :create_time) "
             "ON CONFLICT (name, etag) DO NOTHING",
      use(draft.name()), use(draft.etag()), use(draft.source()), use(create_time);
}

absl::Status AddStep(soci::session& session, const std::string& name, v1::EditorialStep entry) {
  int64_t last = 0;
  session << "SELECT CAST(COALESCE(MAX(number), 0) AS BIGINT) FROM article_step WHERE name = :name", into(last),
      use(name);
  const int64_t number = last + 1;
  entry.set_number(number);
  LUMBAR_ASSIGN_OR_RETURN(const std::string body, store::ToColumn(entry));
  session << "INSERT INTO article_step (name, number, body) VALUES (:name, :number, :body)", use(name), use(number),
      use(body);
  return absl::OkStatus();
}

void ReplaceLinks(soci::session& session, const v1::Draft& draft) {
  session << "DELETE FROM article_link WHERE name = :name", use(draft.name());
  // Nobody has to look again at what nobody can read.
  if (draft.state() == v1::ARTICLE_STATE_RETRACTED) return;
  for (const std::string& link : draft.triage_links()) {
    session << "INSERT INTO article_link (link, name) VALUES (:link, :name)", use(link), use(draft.name());
  }
}

}  // namespace

absl::StatusOr<std::optional<v1::Draft>> LockDraft(soci::session& session, const std::string& name) {
  session << "UPDATE article_draft SET version = version WHERE name = :name", use(name);
  std::string body;
  session << "SELECT body FROM article_draft WHERE name = :name", into(body), use(name);
  if (!session.got_data()) return std::nullopt;
  return store::FromColumn<v1::Draft>(body);
}

absl::StatusOr<v1::Draft> ReadDraft(soci::session& session, const std::string& name) {
  std::string body;
  session << "SELECT body FROM article_draft WHERE name = :name", into(body), use(name);
  if (!session.got_data()) return ArticleNotFound();
  return store::FromColumn<v1::Draft>(body);
}

absl::StatusOr<std::vector<v1::Draft>> SelectDrafts(soci::session& session, const DraftQuery& query) {
  const int64_t state = query.state;
  std::string body;
  soci::statement select =
      (session.prepare << "SELECT body FROM article_draft WHERE name > :after AND (:any = 0 OR state = :state) "
                          "ORDER BY name LIMIT :rows",
       into(body), use(query.after, "after"), use(state, "any"), use(state, "state"), use(query.limit, "rows"));
  select.execute();
  std::vector<v1::Draft> found;
  while (select.fetch()) {
    LUMBAR_ASSIGN_OR_RETURN(v1::Draft draft, store::FromColumn<v1::Draft>(body));
    draft.clear_source();
    found.push_back(std::move(draft));
  }
  return found;
}

absl::StatusOr<v1::Draft> SaveChange(soci::session& session, const std::optional<v1::Draft>& before,
                                     const EditorialChange& change, absl::Time now) {
  v1::Draft draft = change.draft;
  if (change.publish) {
    LUMBAR_RETURN_IF_ERROR(CheckReviewed(draft));
    LUMBAR_ASSIGN_OR_RETURN(const Publication publication, PutOnShelf(session, *change.publish, now));
    draft.set_revision(publication.revision);
  }
  if (change.withdraw) TakeOffShelf(session, draft.name());
  LUMBAR_RETURN_IF_ERROR(SaveDraft(session, draft, !before));
  KeepText(session, draft, now);
  ReplaceLinks(session, draft);
  LUMBAR_RETURN_IF_ERROR(AddStep(session, draft.name(), change.entry));
  return draft;
}

absl::StatusOr<std::vector<v1::EditorialStep>> SelectSteps(soci::session& session, const std::string& name,
                                                           int64_t after, int limit) {
  std::string body;
  soci::statement select = (session.prepare << "SELECT body FROM article_step WHERE name = :name AND number > :after "
                                               "ORDER BY number LIMIT :rows",
                            into(body), use(name), use(after), use(limit));
  select.execute();
  std::vector<v1::EditorialStep> found;
  while (select.fetch()) {
    LUMBAR_ASSIGN_OR_RETURN(v1::EditorialStep step, store::FromColumn<v1::EditorialStep>(body));
    found.push_back(std::move(step));
  }
  return found;
}

}  // namespace lumbar::content
