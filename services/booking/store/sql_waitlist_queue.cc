#include "services/booking/store/sql_waitlist_queue.h"

#include "common/status/macros.h"
#include "common/store/errors.h"
#include "common/store/proto_column.h"
#include "services/booking/errors.h"
#include "services/booking/store/freed_time_table.h"
#include "services/booking/store/hold_table.h"
#include "services/booking/store/outbox_table.h"
#include "services/booking/store/waitlist_table.h"

namespace lumbar::booking {

using soci::into;
using soci::use;
using Entries = absl::StatusOr<std::vector<v1::WaitlistEntry>>;

absl::StatusOr<bool> SqlWaitlistQueue::AnyLive() {
  return database_.ReadOne([&](soci::session& session) -> absl::StatusOr<bool> {
    int64_t found = 0;
    session << "SELECT COUNT(*) FROM (SELECT 1 FROM waitlist WHERE state IN (1, 2) LIMIT 1) AS live", into(found);
    return found > 0;
  });
}

absl::StatusOr<int> SqlWaitlistQueue::SettleDue(int limit) {
  LUMBAR_ASSIGN_OR_RETURN(const std::vector<v1::WaitlistEntry> due, database_.ReadOne([&](soci::session& session) {
    return SelectDue(session, clock_.Now(), limit);
  }));
  // Each by itself, so that one that is being answered just now holds up no other.
  for (const v1::WaitlistEntry& found : due) {
    LUMBAR_RETURN_IF_ERROR(database_.Write([&](soci::session& session) -> absl::Status {
      LUMBAR_ASSIGN_OR_RETURN(const v1::WaitlistEntry before, ReadEntry(session, found.name()));
      return SaveEntry(session, before, AsOf(before, clock_.Now()));
    }));
  }
  return static_cast<int>(due.size());
}

absl::StatusOr<std::vector<FreedTime>> SqlWaitlistQueue::Freed(int limit) {
  return database_.ReadOne(
      [&](soci::session& session) -> absl::StatusOr<std::vector<FreedTime>> { return ReadFreed(session, limit); });
}

absl::Status SqlWaitlistQueue::Handled(const FreedTime& freed) {
  return database_.Write([&](soci::session& session) {
    ForgetFreed(session, freed.id);
    return absl::OkStatus();
  });
}

absl::StatusOr<WaitlistQueue::Expired> SqlWaitlistQueue::ExpiredSince(absl::Time since, int limit) {
  return database_.ReadOne([&](soci::session& session) -> absl::StatusOr<Expired> {
    return ReadExpired(session, since, clock_.Now(), limit);
  });
}

absl::StatusOr<std::optional<absl::Time>> SqlWaitlistQueue::LatestWanted(absl::string_view visit_type) {
  const std::string type(visit_type);
  return database_.ReadOne([&](soci::session& session) -> absl::StatusOr<std::optional<absl::Time>> {
    int64_t latest = 0;
    session << "SELECT COALESCE(MAX(latest_time), 0) FROM waitlist WHERE state = 1 AND visit_type = :visit_type",
        into(latest), use(type);
    if (latest == 0) return std::nullopt;
    return store::FromMicros(latest);
  });
}

Entries SqlWaitlistQueue::InTurn(const TurnQuery& query) {
  return database_.ReadOne([&](soci::session& session) { return SelectInTurn(session, query); });
}

absl::Status SqlWaitlistQueue::MakeOffer(const v1::WaitlistEntry& entry, const NewHold& wanted) {
  const absl::Status made = database_.Write([&](soci::session& session) -> absl::Status {
    LUMBAR_ASSIGN_OR_RETURN(const v1::WaitlistEntry before, ReadEntry(session, entry.name()));
    if (before.version() != entry.version()) return EtagMismatch();
    const absl::Time now = clock_.Now();
    LUMBAR_ASSIGN_OR_RETURN(const v1::Hold hold, TakeHold(session, wanted, now));
    const v1::WaitlistEntry after = Offered(before, hold, now);
    LUMBAR_RETURN_IF_ERROR(SaveEntry(session, before, after));
    v1::AppointmentEvent event = NewEvent(now);
    *event.mutable_waitlist_entry() = after;
    return AddEvent(session, event);
  });
  return store::IsDuplicateKey(made) ? EtagMismatch() : made;
}

Entries SqlWaitlistQueue::ClaimLooks(absl::Time before, int limit) {
  // An idle matcher doesn't take the write lock.
  LUMBAR_ASSIGN_OR_RETURN(const bool any, database_.ReadOne([&](soci::session& session) -> absl::StatusOr<bool> {
    int64_t found = 0;
    const int64_t past = store::Micros(before);
    session
        << "SELECT COUNT(*) FROM (SELECT 1 FROM waitlist WHERE state = 1 AND looked_time <= :before LIMIT 1) AS due",
        into(found), use(past);
    return found > 0;
  }));
  if (!any) return std::vector<v1::WaitlistEntry>();
  return database_.Write([&](soci::session& session) { return ClaimEntries(session, before, clock_.Now(), limit); });
}

}  // namespace lumbar::booking
