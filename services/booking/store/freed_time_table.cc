#include "services/booking/store/freed_time_table.h"

#include <limits>

#include "common/store/proto_column.h"
#include "common/store/resource_name.h"

namespace lumbar::booking {

using soci::into;
using soci::use;

void NoteFreed(soci::session& session, const std::string& clinician, TickRange range) {
  if (range.size() <= 0) return;
  const std::string id = store::NewUuid();
  session << "INSERT INTO freed_time (id, clinician, first_tick, last_tick) "
             "SELECT CAST(:id AS TEXT), CAST(:clinician AS TEXT), CAST(:first AS BIGINT), CAST(:last AS BIGINT) "
             "WHERE EXISTS (SELECT 1 FROM waitlist WHERE state = 1)",
      use(id), use(clinician), use(range.first), use(range.last);
}

void NoteFreed(soci::session& session, const std::string& clinician) {
  NoteFreed(session, clinician, {0, std::numeric_limits<int64_t>::max() / 2});
}

std::vector<FreedTime> ReadFreed(soci::session& session, int limit) {
  std::vector<FreedTime> freed;
  FreedTime row;
  const int64_t rows = limit;
  soci::statement read = (session.prepare << "SELECT id, clinician, first_tick, last_tick FROM freed_time LIMIT :rows",
                          into(row.id), into(row.clinician), into(row.ticks.first), into(row.ticks.last), use(rows));
  read.execute();
  while (read.fetch()) freed.push_back(row);
  return freed;
}

void ForgetFreed(soci::session& session, const std::string& id) {
  session << "DELETE FROM freed_time WHERE id = :id", use(id);
}

WaitlistQueue::Expired ReadExpired(soci::session& session, absl::Time since, absl::Time now, int limit) {
  const int64_t from = store::Micros(since), to = store::Micros(now), rows = limit;
  int64_t expire_time = 0;
  FreedTime row;
  soci::statement read = (session.prepare << "SELECT clinician, MIN(tick), MAX(tick), expire_time FROM tick "
                                             "WHERE expire_time > :since AND expire_time <= :now "
                                             "GROUP BY clinician, owner, expire_time ORDER BY expire_time LIMIT :rows",
                          into(row.clinician), into(row.ticks.first), into(row.ticks.last), into(expire_time),
                          use(from, "since"), use(to, "now"), use(rows, "rows"));
  read.execute();
  WaitlistQueue::Expired expired;
  while (read.fetch()) expired.freed.push_back(row);
  expired.until = static_cast<int>(expired.freed.size()) < limit ? now : store::FromMicros(expire_time);
  return expired;
}

}  // namespace lumbar::booking
