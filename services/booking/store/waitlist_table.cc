#include "services/booking/store/waitlist_table.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>

#include <limits>

#include "common/status/macros.h"
#include "common/store/errors.h"
#include "common/store/proto_column.h"
#include "common/telemetry/log.h"
#include "common/time/proto_time.h"
#include "services/booking/errors.h"

namespace lumbar::booking {
namespace {

using soci::into;
using soci::use;
using Entries = absl::StatusOr<std::vector<v1::WaitlistEntry>>;

// Before every turn: urgencies are small, and times after 1970.
const Turn kBeforeAll{std::numeric_limits<int64_t>::min(), absl::UnixEpoch(), absl::UnixEpoch(), ""};

// To be found by LIKE '% name %'; names hold nothing that LIKE would take for a wildcard.
std::string Spaced(absl::string_view words) { return words.empty() ? "" : absl::StrCat(" ", words, " "); }

int64_t DueOf(const v1::WaitlistEntry& entry) {
  // A place is over in the moment after its latest begin can be offered for the last time.
  if (entry.state() == v1::WAITLIST_STATE_OFFERED) return store::Micros(FromProto(entry.offer().expire_time()));
  if (IsLive(entry)) return store::Micros(FromProto(entry.latest_time()) - kLeastNotice) + 1;
  return store::Micros(FromProto(entry.update_time()) + kPlacesKept);
}

struct Row {
  std::string name, body;
};
enum class Unreadable { kFails, kIsLeftOut };

// Runs `sql`, which gives names and bodies.
Entries Run(soci::statement& select, const std::string& sql, Row& row, Unreadable unreadable = Unreadable::kFails) {
  select.exchange(into(row.name));
  select.exchange(into(row.body));
  select.alloc();
  select.prepare(sql);
  select.define_and_bind();
  select.execute();
  std::vector<v1::WaitlistEntry> found;
  while (select.fetch()) {
    absl::StatusOr<v1::WaitlistEntry> entry = store::FromColumn<v1::WaitlistEntry>(row.body);
    if (entry.ok()) {
      found.push_back(*std::move(entry));
    } else if (unreadable == Unreadable::kFails) {
      return entry.status();
    } else {
      Log(LogLevel::kError, "waitlist_entry_unreadable", {{"entry", row.name}});
    }
  }
  return found;
}

}  // namespace

absl::StatusOr<v1::WaitlistEntry> ReadEntry(soci::session& session, absl::string_view name) {
  const std::string key(name);
  std::string body;
  session << "SELECT body FROM waitlist WHERE name = :name", into(body), use(key);
  if (!session.got_data()) return WaitlistEntryNotFound();
  return store::FromColumn<v1::WaitlistEntry>(body);
}

absl::Status InsertEntry(soci::session& session, const v1::WaitlistEntry& entry) {
  LUMBAR_ASSIGN_OR_RETURN(const std::string body, store::ToColumn(entry));
  const Turn turn = TurnOf(entry);
  const std::string clinicians = Spaced(absl::StrJoin(entry.clinicians(), " "));
  const int64_t state = entry.state(), version = entry.version(), due = DueOf(entry);
  const int64_t act_by = store::Micros(turn.act_by), joined = store::Micros(turn.joined);
  const int64_t earliest = store::Micros(FromProto(entry.earliest_time())),
                latest = store::Micros(FromProto(entry.latest_time()));
  soci::statement insert =
      (session.prepare
           << "INSERT INTO waitlist (name, patient, visit_type, patient_state, clinicians, state, urgency, act_by, "
              "create_time, earliest_time, latest_time, due_time, looked_time, version, body) VALUES (:name, :patient, "
              ":visit_type, :patient_state, :clinicians, :state, :urgency, :act_by, :joined, :earliest, :latest, :due, "
              "0, :version, :body) ON CONFLICT DO NOTHING",
       use(entry.name()), use(entry.patient()), use(entry.visit_type()), use(entry.contact().state()), use(clinicians),
       use(state), use(turn.urgency), use(act_by), use(joined), use(earliest), use(latest), use(due), use(version),
       use(body));
  insert.execute(true);
  return insert.get_affected_rows() == 1 ? absl::OkStatus() : AlreadyWaiting();
}

absl::Status SaveEntry(soci::session& session, const v1::WaitlistEntry& before, const v1::WaitlistEntry& after) {
  if (after.version() == before.version()) return absl::OkStatus();
  LUMBAR_ASSIGN_OR_RETURN(const std::string body, store::ToColumn(after));
  const int64_t state = after.state(), due = DueOf(after), version = after.version(), old_version = before.version();
  soci::statement save = (session.prepare << "UPDATE waitlist SET state = :state, due_time = :due, looked_time = 0, "
                                             "version = :version, body = :body WHERE name = :name AND version = :old",
                          use(state), use(due), use(version), use(body), use(after.name()), use(old_version));
  save.execute(true);
  return save.get_affected_rows() == 1 ? absl::OkStatus() : store::StoreConflict();
}

Entries SelectEntries(soci::session& session, const WaitlistQuery& query) {
  const int64_t time = query.after ? store::Micros(query.after->create_time) : 0;
  const std::string name = query.after ? query.after->name : "";
  Row row;
  std::string filter;
  soci::statement select(session);
  if (!query.patient.empty()) {
    filter = "patient = :patient AND ";
    select.exchange(use(query.patient, "patient"));
  }
  select.exchange(use(time, "time"));
  select.exchange(use(name, "name"));
  select.exchange(use(query.limit, "rows"));
  return Run(select,
             "SELECT name, body FROM waitlist WHERE " + filter +
                 "(create_time, name) > (:time, :name) ORDER BY create_time, name LIMIT :rows",
             row);
}

Entries SelectLive(soci::session& session, const std::string& patient) {
  Row row;
  soci::statement select(session);
  select.exchange(use(patient, "patient"));
  return Run(select, "SELECT name, body FROM waitlist WHERE patient = :patient AND state IN (1, 2)", row);
}

Entries SelectDue(soci::session& session, absl::Time now, int limit) {
  const int64_t micros = store::Micros(now);
  Row row;
  soci::statement select(session);
  select.exchange(use(micros, "now"));
  select.exchange(use(limit, "rows"));
  return Run(select,
             "SELECT name, body FROM waitlist WHERE due_time <= :now AND state IN (1, 2) ORDER BY due_time LIMIT :rows",
             row, Unreadable::kIsLeftOut);
}

Entries SelectInTurn(soci::session& session, const TurnQuery& query) {
  const int64_t start = store::Micros(query.start);
  const std::string states = Spaced(absl::StrJoin(query.states, " ")), pattern = "%" + Spaced(query.clinician) + "%";
  const Turn after = query.after.value_or(kBeforeAll);
  const int64_t act_by = store::Micros(after.act_by), joined = store::Micros(after.joined);
  Row row;
  soci::statement select(session);
  select.exchange(use(query.visit_type, "visit_type"));
  select.exchange(use(start, "start"));
  select.exchange(use(pattern, "clinician"));
  select.exchange(use(states, "states"));
  select.exchange(use(after.urgency, "urgency"));
  select.exchange(use(act_by, "act_by"));
  select.exchange(use(joined, "joined"));
  select.exchange(use(after.name, "name"));
  select.exchange(use(query.limit, "rows"));
  return Run(select,
             "SELECT name, body FROM waitlist AS waiting WHERE state = 1 AND visit_type = :visit_type "
             "AND earliest_time <= :start AND latest_time >= :start "
             "AND (clinicians = '' OR clinicians LIKE :clinician) AND :states LIKE '% ' || patient_state || ' %' "
             "AND NOT EXISTS (SELECT 1 FROM waitlist AS other WHERE other.patient = waiting.patient "
             "AND other.state = 2) AND (urgency, act_by, create_time, name) > (:urgency, :act_by, :joined, :name) "
             "ORDER BY urgency, act_by, create_time, name LIMIT :rows",
             row, Unreadable::kIsLeftOut);
}

Entries ClaimEntries(soci::session& session, absl::Time before, absl::Time now, int limit) {
  const int64_t past = store::Micros(before), micros = store::Micros(now);
  Row row;
  soci::statement claim(session);
  claim.exchange(use(micros, "now"));
  claim.exchange(use(past, "before"));
  claim.exchange(use(limit, "rows"));
  return Run(claim,
             "UPDATE waitlist SET looked_time = :now WHERE state = 1 AND looked_time <= :before AND name IN ("
             "SELECT name FROM waitlist WHERE state = 1 AND looked_time <= :before "
             "ORDER BY looked_time, urgency, act_by LIMIT :rows) RETURNING name, body",
             row, Unreadable::kIsLeftOut);
}

}  // namespace lumbar::booking
