#include "services/booking/store/hold_table.h"

#include <algorithm>

#include "common/status/macros.h"
#include "common/store/deferred.h"
#include "common/store/errors.h"
#include "common/store/proto_column.h"
#include "common/store/resource_name.h"
#include "common/time/proto_time.h"
#include "services/booking/errors.h"
#include "services/booking/store/day_load.h"
#include "services/booking/store/tick_table.h"

namespace lumbar::booking {

using soci::into;
using soci::use;

void TakeTurn(soci::session& session, const std::string& patient, int64_t new_holds) {
  const store::Deferred deferred(session);
  session << "INSERT INTO patient_turn (patient, holds) VALUES (:patient, :new_holds) "
             "ON CONFLICT (patient) DO UPDATE SET holds = patient_turn.holds + excluded.holds",
      use(patient), use(new_holds);
}

absl::StatusOr<HoldRow> ReadHold(soci::session& session, absl::string_view name) {
  const std::string key(name);
  std::string body;
  HoldRow row;
  session << "SELECT body, first_tick, last_tick, waitlist_entry FROM hold WHERE name = :name", into(body),
      into(row.ticks.first), into(row.ticks.last), into(row.waitlist_entry), use(key);
  if (!session.got_data()) return HoldNotFound();
  LUMBAR_ASSIGN_OR_RETURN(row.hold, store::FromColumn<v1::Hold>(body));
  return row;
}

absl::Status InsertHold(soci::session& session, const HoldRow& row, const NewHold& wanted, absl::Time now) {
  LUMBAR_ASSIGN_OR_RETURN(const std::string body, store::ToColumn(row.hold));
  const std::string name = row.hold.name(), patient = row.hold.patient();
  const int64_t state = row.hold.state(), active = v1::HOLD_STATE_ACTIVE;
  const int64_t now_micros = store::Micros(now), expire_time = store::Micros(FromProto(row.hold.expire_time()));
  TakeTurn(session, patient, 1);
  // A statement of its own, so that it counts what was committed while the turn was waited for.
  soci::statement insert =
      (session.prepare
           << "INSERT INTO hold (name, patient, state, expire_time, first_tick, last_tick, override_reason, "
              "body, waitlist_entry) SELECT CAST(:name AS TEXT), CAST(:patient AS TEXT), CAST(:state AS BIGINT), "
              "CAST(:expire_time AS BIGINT), CAST(:first AS BIGINT), CAST(:last AS BIGINT), "
              "CAST(:override_reason AS TEXT), CAST(:body AS TEXT), "
              "CAST(:waitlist_entry AS TEXT) WHERE (SELECT COUNT(*) FROM hold "
              "WHERE patient = :patient AND expire_time > :now AND state = :active AND waitlist_entry = '') "
              "< :live_limit OR CAST(:waitlist_entry AS TEXT) <> ''",
       use(name, "name"), use(patient, "patient"), use(state, "state"), use(expire_time, "expire_time"),
       use(row.ticks.first, "first"), use(row.ticks.last, "last"), use(wanted.override_reason, "override_reason"),
       use(body, "body"), use(wanted.waitlist_entry, "waitlist_entry"), use(now_micros, "now"), use(active, "active"),
       use(wanted.live_limit, "live_limit"));
  insert.execute(true);
  return insert.get_affected_rows() == 1 ? absl::OkStatus() : TooManyHolds();
}

absl::Status EndHold(soci::session& session, const v1::Hold& after) {
  LUMBAR_ASSIGN_OR_RETURN(const std::string body, store::ToColumn(after));
  const std::string name = after.name();
  const int64_t state = after.state(), active = v1::HOLD_STATE_ACTIVE;
  soci::statement end = (session.prepare << "UPDATE hold SET state = :state, body = :body "
                                            "WHERE name = :name AND state = :active",
                         use(state), use(body), use(name), use(active));
  end.execute(true);
  return end.get_affected_rows() == 1 ? absl::OkStatus() : store::StoreConflict();
}

absl::Status ProlongHold(soci::session& session, HoldRow& row, absl::Time expire_time) {
  *row.hold.mutable_expire_time() = ToProtoTime(expire_time);
  LUMBAR_ASSIGN_OR_RETURN(const std::string body, store::ToColumn(row.hold));
  const std::string name = row.hold.name();
  const int64_t expire_micros = store::Micros(expire_time), active = v1::HOLD_STATE_ACTIVE;
  soci::statement prolong = (session.prepare << "UPDATE hold SET expire_time = :expire_time, body = :body "
                                                "WHERE name = :name AND state = :active",
                             use(expire_micros), use(body), use(name), use(active));
  prolong.execute(true);
  if (prolong.get_affected_rows() != 1) return store::StoreConflict();
  return ProlongTicks(session, row.hold.slot().clinician(), row.ticks, name, expire_time);
}

absl::StatusOr<v1::Hold> TakeHold(soci::session& session, const NewHold& wanted, absl::Time now) {
  v1::Hold hold = wanted.hold;
  const absl::Time start = FromProto(hold.slot().start_time());
  if (start <= now) return SlotInThePast();
  if (wanted.daily_limit) {
    LUMBAR_RETURN_IF_ERROR(CheckDay(session, hold.slot().clinician(), *wanted.daily_limit, "", now));
  }

  // A hold that outlived the begin of its visit could become an appointment in the past.
  const absl::Time expire_time = std::min(now + wanted.lifetime, start);
  hold.set_name(store::NewName("holds"));
  hold.set_state(v1::HOLD_STATE_ACTIVE);
  *hold.mutable_expire_time() = ToProtoTime(expire_time);
  LUMBAR_RETURN_IF_ERROR(InsertHold(session, {hold, wanted.ticks, wanted.waitlist_entry}, wanted, now));
  LUMBAR_RETURN_IF_ERROR(TakeTicks(session, hold.slot().clinician(), wanted.ticks, hold.name(), expire_time, now));
  return hold;
}

}  // namespace lumbar::booking
