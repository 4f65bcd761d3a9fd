#include "common/store/idempotency.h"

#include "common/store/deferred.h"
#include "common/store/errors.h"
#include "lumbar_store_embedded.h"

namespace lumbar::store {

Migrations IdempotencyMigrations() { return {"idempotency", sql::kEmbeddedFiles}; }

// Inserting first makes a concurrent repeat wait for this transaction, on every engine.
absl::StatusOr<std::string> ClaimRequest(soci::session& session, const Mutation& mutation, absl::Time now) {
  const int64_t create_time = Micros(now);
  soci::statement claim =
      (session.prepare << "INSERT INTO idempotency (caller, method, request_id, body_hash, response, create_time) "
                          "VALUES (:caller, :method, :request_id, :body_hash, '', :create_time) "
                          "ON CONFLICT (caller, method, request_id) DO NOTHING",
       soci::use(mutation.caller), soci::use(mutation.method), soci::use(mutation.request_id),
       soci::use(mutation.body_hash), soci::use(create_time));
  claim.execute(true);
  if (claim.get_affected_rows() == 1) return std::string();

  std::string body_hash;
  std::string response;
  session << "SELECT body_hash, response FROM idempotency "
             "WHERE caller = :caller AND method = :method AND request_id = :request_id",
      soci::into(body_hash), soci::into(response), soci::use(mutation.caller), soci::use(mutation.method),
      soci::use(mutation.request_id);
  if (body_hash != mutation.body_hash) return RequestIdReused();
  return response;
}

absl::Status StoreResponse(soci::session& session, const Mutation& mutation, const std::string& response) {
  const Deferred deferred(session);
  session << "UPDATE idempotency SET response = :response "
             "WHERE caller = :caller AND method = :method AND request_id = :request_id",
      soci::use(response), soci::use(mutation.caller), soci::use(mutation.method), soci::use(mutation.request_id);
  return absl::OkStatus();
}

absl::StatusOr<int64_t> ExpireResponses(soci::session& session, absl::Time before, int limit) {
  const int64_t oldest_kept = Micros(before);
  soci::statement expire =
      (session.prepare << "DELETE FROM idempotency WHERE (caller, method, request_id) IN "
                          "(SELECT caller, method, request_id FROM idempotency WHERE create_time < :oldest_kept "
                          "ORDER BY create_time LIMIT :batch)",
       soci::use(oldest_kept), soci::use(limit));
  expire.execute(true);
  return expire.get_affected_rows();
}

bool SweepResponses(Database& database, const Clock& clock) {
  constexpr int kAtOnce = 500;
  const absl::StatusOr<int64_t> expired = database.Write(
      [&](soci::session& session) { return ExpireResponses(session, clock.Now() - kResponsesKept, kAtOnce); });
  return expired.ok() && *expired == kAtOnce;
}

}  // namespace lumbar::store
