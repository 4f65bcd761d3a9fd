#include "services/booking/store/hold_table.h"

#include "common/status/macros.h"
#include "common/store/errors.h"
#include "common/store/proto_column.h"
#include "common/time/proto_time.h"
#include "services/booking/errors.h"

namespace lumbar::booking {

using soci::into;
using soci::use;

namespace {

// Waits for every transaction that took this patient's turn and hasn't ended.
void TakeTurn(soci::session& session, const std::string& patient) {
  session << "INSERT INTO patient_turn (patient, holds) VALUES (:patient, 1) "
             "ON CONFLICT (patient) DO UPDATE SET holds = patient_turn.holds + 1",
      use(patient);
}

}  // namespace

absl::StatusOr<HoldRow> ReadHold(soci::session& session, absl::string_view name) {
  const std::string key(name);
  std::string body;
  HoldRow row;
  session << "SELECT body, first_tick, last_tick FROM hold WHERE name = :name", into(body), into(row.ticks.first),
      into(row.ticks.last), use(key);
  if (!session.got_data()) return HoldNotFound();
  LUMBAR_ASSIGN_OR_RETURN(row.hold, store::FromColumn<v1::Hold>(body));
  return row;
}

absl::Status InsertHold(soci::session& session, const HoldRow& row, const NewHold& wanted, absl::Time now) {
  LUMBAR_ASSIGN_OR_RETURN(const std::string body, store::ToColumn(row.hold));
  const std::string name = row.hold.name(), patient = row.hold.patient();
  const int64_t state = row.hold.state(), active = v1::HOLD_STATE_ACTIVE;
  const int64_t now_micros = store::Micros(now), expire_time = store::Micros(FromProto(row.hold.expire_time()));
  TakeTurn(session, patient);
  // A statement of its own, so that it counts what was committed while the turn was waited for.
  soci::statement insert =
      (session.prepare
           << "INSERT INTO hold (name, patient, state, expire_time, first_tick, last_tick, override_reason, "
              "body) SELECT CAST(:name AS TEXT), CAST(:patient AS TEXT), CAST(:state AS BIGINT), "
              "CAST(:expire_time AS BIGINT), CAST(:first AS BIGINT), CAST(:last AS BIGINT), "
              "CAST(:override_reason AS TEXT), CAST(:body AS TEXT) WHERE (SELECT COUNT(*) FROM hold "
              "WHERE patient = :patient AND expire_time > :now AND state = :active) < :live_limit",
       use(name, "name"), use(patient, "patient"), use(state, "state"), use(expire_time, "expire_time"),
       use(row.ticks.first, "first"), use(row.ticks.last, "last"), use(wanted.override_reason, "override_reason"),
       use(body, "body"), use(now_micros, "now"), use(active, "active"), use(wanted.live_limit, "live_limit"));
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

}  // namespace lumbar::booking
