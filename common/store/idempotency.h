// Same request_id, same answer: the answer is stored in the transaction of the effect, so that neither exists without
// the other, whatever crashes or retries.
#pragma once

#include <absl/functional/function_ref.h>
#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include <string>

#include "common/store/database.h"
#include "common/store/mutation.h"
#include "common/store/proto_column.h"
#include "common/time/clock.h"

namespace lumbar::store {

// The table behind Once. Give it to Database::Migrate before the service's own migrations.
Migrations IdempotencyMigrations();

// Claims the mutation's key in the open write transaction. Returns the stored answer if there is one, "" if the
// caller is the first and must now act and call StoreResponse. INVALID_ARGUMENT/REQUEST_ID_REUSED.
absl::StatusOr<std::string> ClaimRequest(soci::session& session, const Mutation& mutation, absl::Time now);
absl::Status StoreResponse(soci::session& session, const Mutation& mutation, const std::string& response);

// Runs `body(soci::session&)`, which returns absl::StatusOr<Response>, in one write transaction, once for each
// (caller, method, request_id): a repeat gets the stored answer. An error is not stored; its effects are rolled back
// and a repeat runs the body again. Without a request_id it is a plain Write.
// INVALID_ARGUMENT/REQUEST_ID_REUSED: the same request_id came with another body_hash.
template <typename Response, typename Body>
absl::StatusOr<Response> Once(Database& database, const Mutation& mutation, const Clock& clock, Body&& body) {
  return database.Write([&](soci::session& session) -> absl::StatusOr<Response> {
    if (mutation.request_id.empty()) return body(session);
    LUMBAR_ASSIGN_OR_RETURN(const std::string stored, ClaimRequest(session, mutation, clock.Now()));
    if (!stored.empty()) return FromColumn<Response>(stored);
    LUMBAR_ASSIGN_OR_RETURN(Response response, body(session));
    LUMBAR_ASSIGN_OR_RETURN(const std::string text, ToColumn(response));
    LUMBAR_RETURN_IF_ERROR(StoreResponse(session, mutation, text));
    return response;
  });
}

// Deletes at most `limit` answers from before `before`, oldest first; returns how many, so that a caller repeats while
// it gets `limit`. Run in a Write.
absl::StatusOr<int64_t> ExpireResponses(soci::session& session, absl::Time before, int limit = 500);

// How long a repeated request gets its first answer, at least.
inline constexpr absl::Duration kResponsesKept = absl::Hours(7 * 24);
// How often SweepResponses is worth calling.
inline constexpr absl::Duration kSweepPeriod = absl::Hours(1);

// Deletes some of the answers older than kResponsesKept; returns whether there may be more. What fails now is done next
// time.
bool SweepResponses(Database& database, const Clock& clock);

}  // namespace lumbar::store
