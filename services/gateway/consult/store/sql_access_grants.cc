#include "services/gateway/consult/store/sql_access_grants.h"

#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_split.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "common/status/macros.h"
#include "common/store/deferred.h"
#include "common/store/errors.h"
#include "common/store/idempotency.h"
#include "common/store/page_token.h"
#include "common/store/proto_column.h"
#include "common/time/proto_time.h"
#include "services/gateway/consult/domain/errors.h"

namespace lumbar::gateway {
namespace {

using consult::v1::AccessGrant;
using soci::use;

constexpr int kUsualGrants = 50;
constexpr int kMostGrantsPerPage = 200;

int64_t LiveUntil(const AccessGrant& grant) {
  return store::Micros(FromProto(grant.has_revoke_time() ? grant.revoke_time() : grant.expire_time()));
}

// Everything that decides which rows the list has.
std::string GrantsBinding(const consult::v1::ListAccessGrantsRequest& query) {
  return absl::StrCat("grants|", query.consult(), "|", query.holder());
}

// The row that a page begins behind.
struct GrantKey {
  int64_t create_time = INT64_MAX;
  std::string name;
};

absl::StatusOr<GrantKey> GrantKeyOf(const consult::v1::ListAccessGrantsRequest& query) {
  LUMBAR_ASSIGN_OR_RETURN(const std::string last, store::DecodePageToken(query.page_token(), GrantsBinding(query)));
  GrantKey key;
  if (last.empty()) return key;
  const std::pair<std::string, std::string> fields = absl::StrSplit(last, absl::MaxSplits('|', 1));
  if (!absl::SimpleAtoi(fields.first, &key.create_time)) return store::InvalidPageToken();
  key.name = fields.second;
  return key;
}

std::string GrantToken(const AccessGrant& last, const consult::v1::ListAccessGrantsRequest& query) {
  const int64_t created = store::Micros(FromProto(last.create_time()));
  return store::EncodePageToken(absl::StrCat(created, "|", last.name()), GrantsBinding(query));
}

// The grant as it is written.
absl::StatusOr<std::string> LoadGrant(soci::session& session, const std::string& name) {
  std::string message;
  session << "SELECT message FROM access_grant WHERE name = :name", use(name), soci::into(message);
  if (!session.got_data()) return AccessGrantNotFound();
  return message;
}

// Saves `after` over what was written as `before`. ABORTED/STORE_CONFLICT: somebody changed it meanwhile; run the
// transaction again.
absl::Status SaveGrant(soci::session& session, const std::string& before, const AccessGrant& after) {
  LUMBAR_ASSIGN_OR_RETURN(const std::string message, store::ToColumn(after));
  const int64_t until = LiveUntil(after);
  soci::statement save = (session.prepare << "UPDATE access_grant SET live_until = :until, message = :message WHERE "
                                             "name = :name AND message = :before",
                          use(until), use(message), use(after.name()), use(before));
  save.execute(true);
  return save.get_affected_rows() == 1 ? absl::OkStatus() : store::StoreConflict();
}

// Makes the holder's other transactions that add a grant wait for this one's end.
void TakeHoldersTurn(soci::session& session, const std::string& holder) {
  const store::Deferred deferred(session);
  session << "INSERT INTO holder_turn (holder, grants) VALUES (:holder, 1) ON CONFLICT (holder) DO UPDATE SET grants = "
             "holder_turn.grants + 1",
      use(holder);
}

// At most `most` that come before `before`, the newest first.
absl::StatusOr<std::vector<AccessGrant>> SelectGrants(soci::session& session,
                                                      const consult::v1::ListAccessGrantsRequest& query,
                                                      const GrantKey& before, int64_t most) {
  const std::string sql =
      absl::StrCat("SELECT message FROM access_grant WHERE ", query.consult().empty() ? "" : "consult = :consult AND ",
                   query.holder().empty() ? "" : "holder = :holder AND ",
                   "(create_time, name) < (:key, :name) ORDER BY create_time DESC, name DESC LIMIT :most");
  std::string message;
  soci::statement select(session);
  select.exchange(soci::into(message));
  if (!query.consult().empty()) select.exchange(use(query.consult(), "consult"));
  if (!query.holder().empty()) select.exchange(use(query.holder(), "holder"));
  select.exchange(use(before.create_time, "key"));
  select.exchange(use(before.name, "name"));
  select.exchange(use(most, "most"));
  select.alloc();
  select.prepare(sql);
  select.define_and_bind();
  select.execute();
  std::vector<AccessGrant> found;
  while (select.fetch()) {
    LUMBAR_ASSIGN_OR_RETURN(found.emplace_back(), store::FromColumn<AccessGrant>(message));
  }
  return found;
}

}  // namespace

absl::StatusOr<AccessGrant> SqlAccessGrants::Create(const store::Mutation& mutation, const AccessGrant& wanted,
                                                    int most) {
  const int64_t created = store::Micros(FromProto(wanted.create_time())), until = LiveUntil(wanted);
  LUMBAR_ASSIGN_OR_RETURN(const std::string message, store::ToColumn(wanted));
  return store::Once<AccessGrant>(
      database_, mutation, clock_, [&](soci::session& session) -> absl::StatusOr<AccessGrant> {
        TakeHoldersTurn(session, wanted.holder());
        int64_t live = 0;
        // A statement of its own, so that it counts what was committed while the turn was waited for.
        session << "SELECT COUNT(*) FROM access_grant WHERE holder = :holder AND live_until > :now",
            use(wanted.holder()), use(created), soci::into(live);
        if (live >= most) return TooManyGrants();
        session << "INSERT INTO access_grant (name, consult, holder, create_time, live_until, message) VALUES (:name, "
                   ":consult, :holder, :created, :until, :message)",
            use(wanted.name()), use(wanted.consult()), use(wanted.holder()), use(created), use(until), use(message);
        return wanted;
      });
}

absl::StatusOr<bool> SqlAccessGrants::IsLive(absl::string_view consult, absl::string_view holder, absl::Time now) {
  const std::string of(consult), by(holder);
  const int64_t at = store::Micros(now);
  return database_.ReadOne([&](soci::session& session) -> absl::StatusOr<bool> {
    std::string name;
    session << "SELECT name FROM access_grant WHERE holder = :holder AND live_until > :now AND consult = :consult "
               "LIMIT 1",
        use(by), use(at), use(of), soci::into(name);
    return session.got_data();
  });
}

absl::StatusOr<AccessGrant> SqlAccessGrants::Change(const store::Mutation& mutation, absl::string_view name,
                                                    absl::FunctionRef<absl::Status(AccessGrant&)> change) {
  return store::Once<AccessGrant>(
      database_, mutation, clock_, [&](soci::session& session) -> absl::StatusOr<AccessGrant> {
        LUMBAR_ASSIGN_OR_RETURN(const std::string before, LoadGrant(session, std::string(name)));
        LUMBAR_ASSIGN_OR_RETURN(AccessGrant changed, store::FromColumn<AccessGrant>(before));
        LUMBAR_RETURN_IF_ERROR(change(changed));
        LUMBAR_RETURN_IF_ERROR(SaveGrant(session, before, changed));
        return changed;
      });
}

absl::StatusOr<consult::v1::ListAccessGrantsResponse> SqlAccessGrants::List(
    const consult::v1::ListAccessGrantsRequest& query) {
  LUMBAR_ASSIGN_OR_RETURN(const int size, store::PageSize(query.page_size(), kUsualGrants, kMostGrantsPerPage));
  LUMBAR_ASSIGN_OR_RETURN(const GrantKey before, GrantKeyOf(query));
  LUMBAR_ASSIGN_OR_RETURN(std::vector<AccessGrant> found,
                          database_.ReadOne([&](soci::session& session) -> absl::StatusOr<std::vector<AccessGrant>> {
                            return SelectGrants(session, query, before, size + 1);
                          }));
  consult::v1::ListAccessGrantsResponse response;
  if (static_cast<int>(found.size()) > size) {
    found.pop_back();
    response.set_next_page_token(GrantToken(found.back(), query));
  }
  for (AccessGrant& grant : found) *response.add_grants() = std::move(grant);
  return response;
}

}  // namespace lumbar::gateway
