#include "services/booking/store/tick_table.h"

#include "common/store/proto_column.h"
#include "services/booking/errors.h"
#include "services/booking/store/freed_time_table.h"

namespace lumbar::booking {

using soci::into;
using soci::use;

namespace {

// Inserts those ticks of `range` that nobody has, until `expire_time`; returns how many. In ascending order, so that
// two transactions that want the same ticks wait for each other and never in a circle.
int64_t InsertTicks(soci::session& session, const std::string& clinician, TickRange range, const std::string& owner,
                    absl::Time expire_time) {
  const int64_t expire_micros = store::Micros(expire_time);
  soci::statement take =
      (session.prepare << "INSERT INTO tick (clinician, tick, owner, expire_time) "
                          "WITH RECURSIVE wanted (tick) AS (SELECT CAST(:first AS BIGINT) "
                          "UNION ALL SELECT tick + 1 FROM wanted WHERE tick < :last) "
                          "SELECT CAST(:clinician AS TEXT), tick, CAST(:owner AS TEXT), CAST(:expire_time AS BIGINT) "
                          "FROM wanted WHERE true ORDER BY tick ON CONFLICT (clinician, tick) DO NOTHING",
       use(range.first), use(range.last), use(clinician), use(owner), use(expire_micros));
  take.execute(true);
  return take.get_affected_rows();
}

int64_t DeleteExpired(soci::session& session, const std::string& clinician, TickRange range, absl::Time now) {
  const int64_t now_micros = store::Micros(now);
  soci::statement drop = (session.prepare << "DELETE FROM tick WHERE clinician = :clinician "
                                             "AND tick BETWEEN :first AND :last AND expire_time <= :now",
                          use(clinician), use(range.first), use(range.last), use(now_micros));
  drop.execute(true);
  return drop.get_affected_rows();
}

// Inserts those ticks of `range` that are free at `now`, until `expire_time`; returns how many. Expired ones are seldom
// in the way, so they are looked for only when something is.
int64_t InsertFreeTicks(soci::session& session, const std::string& clinician, TickRange range, const std::string& owner,
                        absl::Time expire_time, absl::Time now) {
  const int64_t taken = InsertTicks(session, clinician, range, owner, expire_time);
  if (taken == range.size() || DeleteExpired(session, clinician, range, now) == 0) return taken;
  return taken + InsertTicks(session, clinician, range, owner, expire_time);
}

// Makes every tick of `range` that `owner` owns the heir's for good; returns how many.
int64_t HandOver(soci::session& session, const std::string& clinician, TickRange range, const std::string& owner,
                 const std::string& heir) {
  soci::statement keep =
      (session.prepare << "UPDATE tick SET owner = :heir, expire_time = NULL "
                          "WHERE clinician = :clinician AND tick BETWEEN :first AND :last AND owner = :owner",
       use(heir), use(clinician), use(range.first), use(range.last), use(owner));
  keep.execute(true);
  return keep.get_affected_rows();
}

}  // namespace

absl::Status TakeTicks(soci::session& session, const std::string& clinician, TickRange range, const std::string& owner,
                       absl::Time expire_time, absl::Time now) {
  const int64_t taken = InsertFreeTicks(session, clinician, range, owner, expire_time, now);
  return taken == range.size() ? absl::OkStatus() : SlotTaken();
}

absl::Status GainTicks(soci::session& session, const std::string& clinician, TickRange range, const std::string& owner,
                       absl::Time now) {
  InsertFreeTicks(session, clinician, range, owner, now + kGrid, now);
  return HandOver(session, clinician, range, owner, owner) == range.size() ? absl::OkStatus() : SlotTaken();
}

absl::Status KeepTicks(soci::session& session, const std::string& clinician, TickRange range, const std::string& owner,
                       const std::string& heir) {
  return HandOver(session, clinician, range, owner, heir) == range.size() ? absl::OkStatus() : HoldExpired();
}

absl::Status ProlongTicks(soci::session& session, const std::string& clinician, TickRange range,
                          const std::string& owner, absl::Time expire_time) {
  const int64_t expire_micros = store::Micros(expire_time);
  soci::statement prolong =
      (session.prepare << "UPDATE tick SET expire_time = :expire_time "
                          "WHERE clinician = :clinician AND tick BETWEEN :first AND :last AND owner = :owner",
       use(expire_micros), use(clinician), use(range.first), use(range.last), use(owner));
  prolong.execute(true);
  return prolong.get_affected_rows() == range.size() ? absl::OkStatus() : HoldExpired();
}

void FreeTicks(soci::session& session, const std::string& clinician, TickRange range, const std::string& owner) {
  session << "DELETE FROM tick WHERE clinician = :clinician AND tick BETWEEN :first AND :last AND owner = :owner",
      use(clinician), use(range.first), use(range.last), use(owner);
  NoteFreed(session, clinician, range);
}

TakenTicks ReadTicks(soci::session& session, const std::string& clinician, TickRange range, absl::Time now) {
  const int64_t now_micros = store::Micros(now);
  std::string owner;
  int64_t tick = 0;
  TakenTicks taken;
  const std::string filter = clinician.empty() ? "" : "clinician = :clinician AND ";
  soci::statement read(session);
  read.exchange(into(owner));
  read.exchange(into(tick));
  if (!clinician.empty()) read.exchange(use(clinician, "clinician"));
  read.exchange(use(range.first, "first"));
  read.exchange(use(range.last, "last"));
  read.exchange(use(now_micros, "now"));
  read.alloc();
  read.prepare("SELECT clinician, tick FROM tick WHERE " + filter +
               "tick BETWEEN :first AND :last AND (expire_time IS NULL OR expire_time > :now) ORDER BY tick");
  read.define_and_bind();
  read.execute();
  while (read.fetch()) taken[owner].push_back(tick);
  return taken;
}

}  // namespace lumbar::booking
