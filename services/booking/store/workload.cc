#include "services/booking/store/workload.h"

#include <string>

#include "common/store/proto_column.h"

namespace lumbar::booking {

using soci::into;
using soci::use;

Workloads ReadWorkloads(soci::session& session, TickRange range, absl::Time booked_since, absl::Time now) {
  const int64_t now_micros = store::Micros(now), since = store::Micros(booked_since);
  std::string clinician;
  int64_t ticks = 0, booked = 0;
  Workloads found;
  // tick_by_time has all of it: no row is looked up.
  soci::statement busy = (session.prepare << "SELECT clinician, COUNT(*) FROM tick WHERE tick BETWEEN :first AND :last "
                                             "AND (expire_time IS NULL OR expire_time > :now) GROUP BY clinician",
                          into(clinician), into(ticks), use(range.first), use(range.last), use(now_micros));
  busy.execute();
  while (busy.fetch()) found[clinician].busy = ticks * kGrid;
  // The first version of an appointment is its booking.
  soci::statement last = (session.prepare << "SELECT clinician, MAX(change_time) FROM change_log WHERE "
                                             "change_time >= :since AND version = 1 GROUP BY clinician",
                          into(clinician), into(booked), use(since));
  last.execute();
  while (last.fetch()) found[clinician].last_booked = store::FromMicros(booked);
  return found;
}

}  // namespace lumbar::booking
