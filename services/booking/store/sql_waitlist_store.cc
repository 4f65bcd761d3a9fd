#include "services/booking/store/sql_waitlist_store.h"

#include <algorithm>

#include "common/status/macros.h"
#include "common/store/idempotency.h"
#include "common/store/resource_name.h"
#include "common/time/proto_time.h"
#include "services/booking/domain/lifecycle.h"
#include "services/booking/errors.h"
#include "services/booking/store/hold_table.h"
#include "services/booking/store/tick_table.h"
#include "services/booking/store/waitlist_table.h"

namespace lumbar::booking {
namespace {

absl::StatusOr<v1::JoinWaitlistResponse> TakeOn(soci::session& session, v1::WaitlistEntry entry, absl::Time now) {
  TakeTurn(session, entry.patient(), 0);
  LUMBAR_ASSIGN_OR_RETURN(const std::vector<v1::WaitlistEntry> live, SelectLive(session, entry.patient()));
  int places = 0;
  for (const v1::WaitlistEntry& before : live) {
    const v1::WaitlistEntry after = AsOf(before, now);
    LUMBAR_RETURN_IF_ERROR(SaveEntry(session, before, after));
    places += IsLive(after);
  }
  if (places >= kLivePlaces) return TooManyWaitlistEntries();
  entry.set_name(store::NewName("waitlistEntries"));
  entry.set_state(v1::WAITLIST_STATE_WAITING);
  entry.set_version(1);
  entry.set_etag("v1");
  *entry.mutable_create_time() = ToProtoTime(now);
  *entry.mutable_update_time() = ToProtoTime(now);
  LUMBAR_RETURN_IF_ERROR(InsertEntry(session, entry));
  v1::JoinWaitlistResponse response;
  response.set_name(entry.name());
  *response.mutable_entry() = std::move(entry);
  return response;
}

absl::StatusOr<v1::AcceptOfferResponse> AcceptRow(soci::session& session, const v1::WaitlistEntry& before,
                                                  absl::string_view etag, absl::Duration lifetime, absl::Time now) {
  v1::AcceptOfferResponse response;
  LUMBAR_ASSIGN_OR_RETURN(*response.mutable_entry(), Accepted(before, etag, now));
  LUMBAR_ASSIGN_OR_RETURN(HoldRow row, ReadHold(session, before.offer().hold()));
  const absl::Time promised = std::max(FromProto(row.hold.expire_time()), now + lifetime);
  LUMBAR_RETURN_IF_ERROR(ProlongHold(session, row, std::min(promised, FromProto(row.hold.slot().start_time()))));
  LUMBAR_RETURN_IF_ERROR(SaveEntry(session, before, response.entry()));
  *response.mutable_hold() = std::move(row.hold);
  return response;
}

// Frees the time that is on offer in `before`. The row is saved before the ticks are touched, as in ReleaseRow.
absl::Status GiveBack(soci::session& session, const v1::WaitlistEntry& before, absl::Time now) {
  LUMBAR_ASSIGN_OR_RETURN(const HoldRow row, ReadHold(session, before.offer().hold()));
  LUMBAR_ASSIGN_OR_RETURN(const v1::Hold after, Release(row.hold, now));
  LUMBAR_RETURN_IF_ERROR(EndHold(session, after));
  FreeTicks(session, row.hold.slot().clinician(), row.ticks, row.hold.name());
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<v1::JoinWaitlistResponse> SqlWaitlistStore::Join(const store::Mutation& mutation,
                                                                const absl::StatusOr<v1::WaitlistEntry>& wanted) {
  const auto act = [&](soci::session& session) -> absl::StatusOr<v1::JoinWaitlistResponse> {
    LUMBAR_RETURN_IF_ERROR(wanted.status());
    return TakeOn(session, *wanted, clock_.Now());
  };
  return store::Once<v1::JoinWaitlistResponse>(database_, mutation, clock_, act);
}

absl::StatusOr<v1::WaitlistEntry> SqlWaitlistStore::Get(absl::string_view name) {
  return database_.ReadOne([&](soci::session& session) -> absl::StatusOr<v1::WaitlistEntry> {
    LUMBAR_ASSIGN_OR_RETURN(v1::WaitlistEntry entry, ReadEntry(session, name));
    return AsOf(std::move(entry), clock_.Now());
  });
}

absl::StatusOr<std::vector<v1::WaitlistEntry>> SqlWaitlistStore::List(const WaitlistQuery& query) {
  return database_.ReadOne([&](soci::session& session) -> absl::StatusOr<std::vector<v1::WaitlistEntry>> {
    LUMBAR_ASSIGN_OR_RETURN(std::vector<v1::WaitlistEntry> found, SelectEntries(session, query));
    for (v1::WaitlistEntry& entry : found) entry = AsOf(std::move(entry), clock_.Now());
    return found;
  });
}

absl::StatusOr<v1::AcceptOfferResponse> SqlWaitlistStore::Accept(const store::Mutation& mutation,
                                                                 absl::string_view name, absl::string_view etag,
                                                                 absl::Duration lifetime) {
  const auto act = [&](soci::session& session) -> absl::StatusOr<v1::AcceptOfferResponse> {
    LUMBAR_ASSIGN_OR_RETURN(const v1::WaitlistEntry before, ReadEntry(session, name));
    return AcceptRow(session, before, etag, lifetime, clock_.Now());
  };
  return store::Once<v1::AcceptOfferResponse>(database_, mutation, clock_, act);
}

absl::StatusOr<v1::DeclineOfferResponse> SqlWaitlistStore::Decline(const store::Mutation& mutation,
                                                                   absl::string_view name, absl::string_view etag) {
  const auto act = [&](soci::session& session) -> absl::StatusOr<v1::DeclineOfferResponse> {
    v1::DeclineOfferResponse response;
    LUMBAR_ASSIGN_OR_RETURN(const v1::WaitlistEntry before, ReadEntry(session, name));
    const absl::Time now = clock_.Now();
    LUMBAR_ASSIGN_OR_RETURN(*response.mutable_entry(), Declined(before, etag, now));
    LUMBAR_RETURN_IF_ERROR(GiveBack(session, before, now));
    LUMBAR_RETURN_IF_ERROR(SaveEntry(session, before, response.entry()));
    return response;
  };
  return store::Once<v1::DeclineOfferResponse>(database_, mutation, clock_, act);
}

absl::StatusOr<v1::LeaveWaitlistResponse> SqlWaitlistStore::Leave(const store::Mutation& mutation,
                                                                  absl::string_view name, absl::string_view etag) {
  const auto act = [&](soci::session& session) -> absl::StatusOr<v1::LeaveWaitlistResponse> {
    v1::LeaveWaitlistResponse response;
    LUMBAR_ASSIGN_OR_RETURN(const v1::WaitlistEntry before, ReadEntry(session, name));
    const absl::Time now = clock_.Now();
    LUMBAR_ASSIGN_OR_RETURN(*response.mutable_entry(), Left(before, etag, now));
    if (AsOf(before, now).state() == v1::WAITLIST_STATE_OFFERED) {
      LUMBAR_RETURN_IF_ERROR(GiveBack(session, before, now));
    }
    LUMBAR_RETURN_IF_ERROR(SaveEntry(session, before, response.entry()));
    return response;
  };
  return store::Once<v1::LeaveWaitlistResponse>(database_, mutation, clock_, act);
}

}  // namespace lumbar::booking
