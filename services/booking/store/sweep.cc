#include "services/booking/store/sweep.h"

#include "common/store/proto_column.h"

namespace lumbar::booking {
namespace {

using soci::use;

// The outer condition is checked again on the row as it is when its lock is had: a tick may have been confirmed.
constexpr char kSweepTicks[] =
    "DELETE FROM tick WHERE expire_time < :before AND (clinician, tick) IN ("
    "SELECT clinician, tick FROM tick WHERE expire_time < :before ORDER BY expire_time LIMIT :batch)";

constexpr char kSweepHolds[] =
    "DELETE FROM hold WHERE name IN (SELECT name FROM hold WHERE expire_time < :before AND override_reason = '' "
    "ORDER BY expire_time LIMIT :batch)";

// An hour longer than promised, so that no stream meets the sweep.
constexpr char kSweepChanges[] =
    "DELETE FROM change_log WHERE (appointment, version) IN (SELECT appointment, version FROM change_log "
    "WHERE change_time < :before ORDER BY change_time LIMIT :batch)";

constexpr char kSweepPlaces[] =
    "DELETE FROM waitlist WHERE name IN (SELECT name FROM waitlist WHERE due_time < :before AND state NOT IN (1, 2) "
    "ORDER BY due_time LIMIT :batch)";

// Returns whether it was a full batch.
bool SweepTable(soci::session& session, const char* sql, absl::Time before) {
  const int64_t micros = store::Micros(before);
  soci::statement sweep = (session.prepare << sql, use(micros, "before"), use(kSweepBatch, "batch"));
  sweep.execute(true);
  return sweep.get_affected_rows() == kSweepBatch;
}

}  // namespace

absl::StatusOr<bool> Sweep(store::Database& database, const Clock& clock) {
  return database.Write([&](soci::session& session) -> absl::StatusOr<bool> {
    const bool more_ticks = SweepTable(session, kSweepTicks, clock.Now() - kTicksKept);
    const bool more_holds = SweepTable(session, kSweepHolds, clock.Now() - kHoldsKept);
    const bool more_changes = SweepTable(session, kSweepChanges, clock.Now() - kChangesKept - absl::Hours(1));
    const bool more_places = SweepTable(session, kSweepPlaces, clock.Now());
    return more_ticks || more_holds || more_changes || more_places;
  });
}

}  // namespace lumbar::booking
