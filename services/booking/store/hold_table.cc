#include "services/booking/store/hold_table.h"

#include "common/status/macros.h"
#include "common/store/errors.h"
#include "common/store/proto_column.h"
#include "common/time/proto_time.h"
#include "services/booking/errors.h"

namespace lumbar::booking {

using soci::into;
using soci::use;

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

absl::Status InsertHold(soci::session& session, const HoldRow& row, const std::string& override_reason) {
  LUMBAR_ASSIGN_OR_RETURN(const std::string body, store::ToColumn(row.hold));
  const std::string name = row.hold.name(), patient = row.hold.patient();
  const int64_t state = row.hold.state(), expire_time = store::Micros(FromProto(row.hold.expire_time()));
  session << "INSERT INTO hold (name, patient, state, expire_time, first_tick, last_tick, override_reason, body) "
             "VALUES (:name, :patient, :state, :expire_time, :first, :last, :override_reason, :body)",
      use(name), use(patient), use(state), use(expire_time), use(row.ticks.first), use(row.ticks.last),
      use(override_reason), use(body);
  return absl::OkStatus();
}

absl::Status EndHold(soci::session& session, const v1::Hold& after) {
  LUMBAR_ASSIGN_OR_RETURN(const std::string body, store::ToColumn(after));
  const std::string name = after.name();
  const int64_t state = after.state(), active = v1::HOLD_STATE_ACTIVE;
  soci::statement end = (session.prepare << "UPDATE hold SET state = :state, body = :body "
                                            "WHERE name = :name AND state = :active",
                         use(state), use(body), use(name), use(active));
  end.execute(true);
  return end.get_affected_rows() == 1 ? absl::OkStatus() : store::StoreBusy();
}

int64_t CountLiveHolds(soci::session& session, const std::string& patient, absl::Time now) {
  const int64_t now_micros = store::Micros(now), active = v1::HOLD_STATE_ACTIVE;
  int64_t count = 0;
  session << "SELECT COUNT(*) FROM hold WHERE patient = :patient AND expire_time > :now AND state = :active",
      into(count), use(patient), use(now_micros), use(active);
  return count;
}

}  // namespace lumbar::booking
