#include "services/content/store/sql_editorial_store.h"

#include <map>
#include <set>
#include <utility>

#include "common/status/macros.h"
#include "common/store/idempotency.h"
#include "common/store/proto_column.h"
#include "services/content/errors.h"
#include "services/content/store/draft_table.h"

namespace lumbar::content {
namespace {

using soci::into;
using soci::use;

using Digests = std::map<std::string, std::string>;

// Two who compare at once do so one after the other.
Digests LockLinks(soci::session& session) {
  session << "UPDATE triage_link SET digest = digest";
  Digests known;
  std::string name, digest;
  soci::statement select = (session.prepare << "SELECT name, digest FROM triage_link", into(name), into(digest));
  select.execute();
  while (select.fetch()) known[name] = digest;
  return known;
}

// Of the links that there were, those that are others now or gone.
std::vector<std::string> Changed(const Digests& before, const Digests& now) {
  std::vector<std::string> changed;
  for (const auto& [name, digest] : before) {
    const auto found = now.find(name);
    if (found == now.end() || found->second != digest) changed.push_back(name);
  }
  return changed;
}

void ReplaceDigests(soci::session& session, const Digests& digests) {
  session << "DELETE FROM triage_link";
  for (const auto& [name, digest] : digests) {
    session << "INSERT INTO triage_link (name, digest) VALUES (:name, :digest) ON CONFLICT (name) DO UPDATE SET "
               "digest = excluded.digest",
        use(name), use(digest);
  }
}

std::vector<std::string> ArticlesOn(soci::session& session, const std::string& link) {
  std::vector<std::string> names;
  std::string name;
  soci::statement select =
      (session.prepare << "SELECT name FROM article_link WHERE link = :link ORDER BY name", into(name), use(link));
  select.execute();
  while (select.fetch()) names.push_back(name);
  return names;
}

absl::Status FlagAll(soci::session& session, const std::string& link, FlagAct flag, absl::Time now,
                     std::set<std::string>& flagged) {
  for (const std::string& name : ArticlesOn(session, link)) {
    LUMBAR_ASSIGN_OR_RETURN(const std::optional<v1::Draft> draft, LockDraft(session, name));
    if (!draft || draft->state() == v1::ARTICLE_STATE_RETRACTED) continue;
    LUMBAR_ASSIGN_OR_RETURN(const EditorialChange change, flag(*draft, link, now));
    LUMBAR_RETURN_IF_ERROR(SaveChange(session, draft, change, now).status());
    flagged.insert(name);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<v1::Draft> SqlEditorialStore::Change(const store::Mutation& mutation, absl::string_view name,
                                                    EditorialAct act) {
  const std::string key(name);
  return store::Once<v1::Draft>(database_, mutation, clock_, [&](soci::session& session) -> absl::StatusOr<v1::Draft> {
    LUMBAR_ASSIGN_OR_RETURN(const std::optional<v1::Draft> before, LockDraft(session, key));
    const absl::Time now = clock_.Now();
    LUMBAR_ASSIGN_OR_RETURN(const std::optional<EditorialChange> change, act(before ? &*before : nullptr, now));
    if (!change) return *before;
    return SaveChange(session, before, *change, now);
  });
}

absl::StatusOr<v1::Draft> SqlEditorialStore::Get(absl::string_view name) {
  const std::string key(name);
  return database_.Read([&](soci::session& session) { return ReadDraft(session, key); });
}

absl::StatusOr<std::vector<v1::Draft>> SqlEditorialStore::List(const DraftQuery& query) {
  return database_.Read([&](soci::session& session) { return SelectDrafts(session, query); });
}

absl::StatusOr<std::vector<std::string>> SqlEditorialStore::Waking(absl::Time now, int limit) {
  const int64_t latest = store::Micros(now);
  return database_.Read([&](soci::session& session) -> absl::StatusOr<std::vector<std::string>> {
    std::vector<std::string> names;
    std::string name;
    soci::statement select =
        (session.prepare << "SELECT name FROM article_draft WHERE wake_time <= :latest ORDER BY wake_time LIMIT :rows",
         into(name), use(latest), use(limit));
    select.execute();
    while (select.fetch()) names.push_back(name);
    return names;
  });
}

absl::StatusOr<std::vector<v1::Article>> SqlEditorialStore::Revisions(absl::string_view name, int64_t before,
                                                                      int limit) {
  const std::string key(name);
  const int64_t below = before == 0 ? INT64_MAX : before;
  return database_.Read([&](soci::session& session) -> absl::StatusOr<std::vector<v1::Article>> {
    LUMBAR_RETURN_IF_ERROR(ReadDraft(session, key).status());
    std::vector<v1::Article> found;
    std::string body;
    soci::statement select = (session.prepare << "SELECT body FROM article_revision WHERE name = :name AND "
                                                 "revision < :below ORDER BY revision DESC LIMIT :rows",
                              into(body), use(key), use(below), use(limit));
    select.execute();
    while (select.fetch()) {
      LUMBAR_ASSIGN_OR_RETURN(v1::Article article, store::FromColumn<v1::Article>(body));
      article.clear_body_html();
      found.push_back(std::move(article));
    }
    return found;
  });
}

absl::StatusOr<std::vector<v1::EditorialStep>> SqlEditorialStore::Steps(absl::string_view name, int64_t after,
                                                                        int limit) {
  const std::string key(name);
  return database_.Read([&](soci::session& session) -> absl::StatusOr<std::vector<v1::EditorialStep>> {
    LUMBAR_RETURN_IF_ERROR(ReadDraft(session, key).status());
    return SelectSteps(session, key, after, limit);
  });
}

absl::StatusOr<v1::FlagArticlesResponse> SqlEditorialStore::CompareLinks(const store::Mutation& mutation,
                                                                         const std::vector<v1::TriageLink>& links,
                                                                         FlagAct flag) {
  Digests digests;
  for (const v1::TriageLink& link : links) digests[link.name()] = link.digest();
  return store::Once<v1::FlagArticlesResponse>(
      database_, mutation, clock_, [&](soci::session& session) -> absl::StatusOr<v1::FlagArticlesResponse> {
        v1::FlagArticlesResponse response;
        std::set<std::string> flagged;
        for (const std::string& link : Changed(LockLinks(session), digests)) {
          response.add_changed(link);
          LUMBAR_RETURN_IF_ERROR(FlagAll(session, link, flag, clock_.Now(), flagged));
        }
        for (const std::string& name : flagged) response.add_articles(name);
        ReplaceDigests(session, digests);
        return response;
      });
}

}  // namespace lumbar::content
