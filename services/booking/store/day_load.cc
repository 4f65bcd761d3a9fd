#include "services/booking/store/day_load.h"

#include "common/status/macros.h"
#include "common/store/proto_column.h"
#include "common/time/proto_time.h"
#include "lumbar/booking/v1/appointment.pb.h"
#include "services/booking/errors.h"

namespace lumbar::booking {

using soci::into;
using soci::use;

namespace {

// One statement, so that a hold that becomes an appointment meanwhile counts once. Whoever begins on the day owns a
// tick of it; whoever only reaches into it does too, and is told apart by the begin.
constexpr char kOwners[] =
    "SELECT COALESCE(appointment.start_time, 0), COALESCE(hold.body, '') FROM ("
    "SELECT DISTINCT owner FROM tick WHERE clinician = :clinician AND tick BETWEEN :first AND :last "
    "AND owner <> :except AND (expire_time IS NULL OR expire_time > :now)) AS present "
    "LEFT JOIN appointment ON appointment.name = present.owner LEFT JOIN hold ON hold.name = present.owner";

absl::StatusOr<absl::Time> BeginOf(int64_t start_micros, const std::string& hold) {
  if (hold.empty()) return store::FromMicros(start_micros);
  LUMBAR_ASSIGN_OR_RETURN(const v1::Hold held, store::FromColumn<v1::Hold>(hold));
  return FromProto(held.slot().start_time());
}

}  // namespace

absl::StatusOr<int64_t> CountVisits(soci::session& session, const std::string& clinician, const Interval& day,
                                    const std::string& except, absl::Time now) {
  const TickRange range = TicksOf(day);
  const int64_t now_micros = store::Micros(now);
  int64_t start_micros = 0, count = 0;
  std::string hold;
  soci::statement read = (session.prepare << kOwners, into(start_micros), into(hold), use(clinician), use(range.first),
                          use(range.last), use(except), use(now_micros));
  read.execute();
  while (read.fetch()) {
    LUMBAR_ASSIGN_OR_RETURN(const absl::Time begin, BeginOf(start_micros, hold));
    count += day.start <= begin && begin < day.end;
  }
  return count;
}

absl::Status CheckDay(soci::session& session, const std::string& clinician, const DailyLimit& limit,
                      const std::string& except, absl::Time now) {
  // Changes nothing, and yet locks the row on every engine.
  session << "UPDATE clinician SET revision = revision WHERE name = :name", use(clinician);
  LUMBAR_ASSIGN_OR_RETURN(const int64_t count, CountVisits(session, clinician, limit.day, except, now));
  return count < limit.visits ? absl::OkStatus() : DayFull();
}

}  // namespace lumbar::booking
