#include "services/booking/store/outbox_table.h"

#include "common/status/macros.h"
#include "common/store/deferred.h"
#include "common/store/proto_column.h"
#include "common/store/resource_name.h"
#include "common/telemetry/log.h"
#include "common/time/proto_time.h"

namespace lumbar::booking {
namespace {

using soci::into;
using soci::use;

// Claims what is due. The outer conditions are checked again on the row as it is when its lock is had, so that of two
// processes that chose the same row only one claims it.
constexpr char kClaim[] =
    "UPDATE outbox SET lease_time = :until, attempt = attempt + 1 "
    "WHERE lease_time <= :now AND event_id IN ("
    "SELECT event_id FROM outbox AS due WHERE due_time <= :now AND lease_time <= :now AND given_up = '' "
    "AND NOT EXISTS ("
    "SELECT 1 FROM outbox AS earlier WHERE earlier.appointment = due.appointment AND earlier.version < due.version "
    "AND earlier.given_up = '') "
    "ORDER BY due_time LIMIT :batch) "
    "RETURNING event_id, body, attempt";

// Whether anything is due; so that an idle relay doesn't take the write lock.
bool AnyDue(soci::session& session, int64_t now) {
  int64_t found = 0;
  session << "SELECT COUNT(*) FROM (SELECT 1 FROM outbox WHERE due_time <= :now AND lease_time <= :now "
             "AND given_up = '' LIMIT 1) AS due",
      into(found), use(now, "now");
  return found > 0;
}

absl::Status Add(soci::session& session, const v1::AppointmentEvent& event, const std::string& name, int64_t version) {
  LUMBAR_ASSIGN_OR_RETURN(const std::string body, store::ToColumn(event));
  const std::string event_id = event.event_id();
  const int64_t due = store::Micros(FromProto(event.event_time()));
  const store::Deferred deferred(session);
  session << "INSERT INTO outbox (event_id, appointment, version, due_time, lease_time, attempt, body) "
             "VALUES (:event_id, :appointment, :version, :due_time, 0, 0, :body)",
      use(event_id), use(name), use(version), use(due), use(body);
  return absl::OkStatus();
}

}  // namespace

absl::Status AddEvent(soci::session& session, const v1::AppointmentEvent& event) {
  if (event.has_waitlist_entry()) {
    return Add(session, event, event.waitlist_entry().name(), event.waitlist_entry().version());
  }
  return Add(session, event, event.appointment().name(), event.appointment().version());
}

v1::AppointmentEvent NewEvent(absl::Time now) {
  v1::AppointmentEvent event;
  event.set_event_id(store::NewUuid());
  *event.mutable_event_time() = ToProtoTime(now);
  return event;
}

absl::StatusOr<std::vector<ClaimedEvent>> SqlOutbox::Claim(int limit, absl::Duration lease) {
  const int64_t now = store::Micros(clock_.Now()), until = store::Micros(clock_.Now() + lease);
  const int64_t batch = limit;
  const auto due =
      database_.ReadOne([&](soci::session& session) -> absl::StatusOr<bool> { return AnyDue(session, now); });
  if (!due.ok()) return due.status();
  if (!*due) return std::vector<ClaimedEvent>();
  return database_.Write([&](soci::session& session) -> absl::StatusOr<std::vector<ClaimedEvent>> {
    std::vector<ClaimedEvent> claimed;
    std::string event_id, body;
    int64_t attempt = 0;
    soci::statement claim = (session.prepare << kClaim, into(event_id), into(body), into(attempt), use(until, "until"),
                             use(now, "now"), use(batch, "batch"));
    claim.execute();
    while (claim.fetch()) {
      absl::StatusOr<v1::AppointmentEvent> event = store::FromColumn<v1::AppointmentEvent>(body);
      if (event.ok()) {
        claimed.push_back({*std::move(event), attempt});
      } else {
        // One damaged event doesn't stop everybody else's; it is looked at again when the lease ends.
        Log(LogLevel::kError, "event_unreadable", {{"event_id", event_id}});
      }
    }
    return claimed;
  });
}

absl::Status SqlOutbox::MarkDelivered(const ClaimedEvent& claimed) {
  const std::string event_id = claimed.event.event_id();
  return database_.Write([&](soci::session& session) {
    session << "DELETE FROM outbox WHERE event_id = :event_id AND attempt = :attempt", use(event_id),
        use(claimed.attempt);
    return absl::OkStatus();
  });
}

absl::Status SqlOutbox::Postpone(const ClaimedEvent& claimed, absl::Duration delay) {
  const std::string event_id = claimed.event.event_id();
  const int64_t due = store::Micros(clock_.Now() + delay);
  return database_.Write([&](soci::session& session) {
    session << "UPDATE outbox SET due_time = :due, lease_time = 0 WHERE event_id = :event_id AND attempt = :attempt",
        use(due), use(event_id), use(claimed.attempt);
    return absl::OkStatus();
  });
}

absl::Status SqlOutbox::GiveUp(const ClaimedEvent& claimed, absl::string_view code) {
  const std::string event_id = claimed.event.event_id(), reason(code);
  return database_.Write([&](soci::session& session) {
    session << "UPDATE outbox SET given_up = :code WHERE event_id = :event_id AND attempt = :attempt", use(reason),
        use(event_id), use(claimed.attempt);
    return absl::OkStatus();
  });
}

}  // namespace lumbar::booking
