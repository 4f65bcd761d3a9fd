#include "services/gateway/consult/store/list_change_table.h"

#include <absl/strings/str_cat.h>

#include <utility>

#include "common/status/macros.h"
#include "common/store/deferred.h"
#include "common/store/proto_column.h"
#include "services/gateway/consult/domain/worklist.h"
#include "services/gateway/consult/store/case_row.h"

namespace lumbar::gateway {
namespace {

using soci::into;
using soci::use;

constexpr int64_t kSweptAtOnce = 500;

constexpr char kChangeColumns[] =
    "change_time, name, version, patient, worker, waits, open, state, left_worker, left_waits, left_open, left_state";

// One row of the table.
struct ChangeRow {
  explicit ChangeRow(const Case& changed, int64_t number, absl::Time now)
      : time(store::Micros(now)),
        name(changed.consult.name()),
        version(number),
        patient(changed.consult.patient()),
        after(FactsOf(changed.consult)),
        waits(after.waits),
        open(after.open) {}

  const int64_t time;
  const std::string name;
  const int64_t version;
  const std::string patient;
  const ListedFacts after;
  const int64_t waits, open;
};

// Adds `row` beside what is stored of its consult in version `before`, unless that has `message`, or two of these
// processes fill in the same at once.
void AddBeside(soci::session& session, const ChangeRow& row, int64_t before, const std::string* message) {
  const std::string sql = absl::StrCat(
      "INSERT INTO consult_change (", kChangeColumns,
      ") SELECT CAST(:time AS BIGINT), name, CAST(:version AS BIGINT), patient, CAST(:worker AS TEXT), CAST(:waits AS "
      "BIGINT), CAST(:open AS BIGINT), CAST(:state AS BIGINT), worker, CASE WHEN respond_by > 0 THEN 1 ELSE 0 END, "
      "CASE "
      "WHEN urgency < ",
      kOver, " THEN 1 ELSE 0 END, CASE WHEN listed_version = version THEN state ELSE ", kAnyState,
      " END FROM consult WHERE name = :name AND version = :before",
      message == nullptr ? "" : " AND message <> :message", " ON CONFLICT DO NOTHING");
  const store::Deferred deferred(session);
  soci::statement insert(session);
  insert.exchange(use(row.time));
  insert.exchange(use(row.version));
  insert.exchange(use(row.after.worker));
  insert.exchange(use(row.waits));
  insert.exchange(use(row.open));
  insert.exchange(use(row.after.state));
  insert.exchange(use(row.name));
  insert.exchange(use(before));
  if (message != nullptr) insert.exchange(use(*message));
  insert.alloc();
  insert.prepare(sql);
  insert.define_and_bind();
  insert.execute(true);
}

ListChange ReadChange(const soci::row& row) {
  ListChange change{store::FromMicros(row.get<long long>(0))};
  change.name = row.get<std::string>(1);
  change.version = row.get<long long>(2);
  change.patient = row.get<std::string>(3);
  change.after = {row.get<std::string>(4), row.get<long long>(5) != 0, row.get<long long>(6) != 0,
                  row.get<long long>(7)};
  change.before = {row.get<std::string>(8), row.get<long long>(9) != 0, row.get<long long>(10) != 0,
                   row.get<long long>(11)};
  return change;
}

}  // namespace

void AddCreation(soci::session& session, const Case& made, absl::Time now) {
  const ChangeRow row(made, made.version, now);
  const std::string sql = absl::StrCat("INSERT INTO consult_change (", kChangeColumns,
                                       ") VALUES (:time, :name, :version, :patient, :worker, :waits, :open, :state, "
                                       "'', 0, 0, ",
                                       kNoState, ")");
  const store::Deferred deferred(session);
  session << sql, use(row.time), use(row.name), use(row.version), use(row.patient), use(row.after.worker),
      use(row.waits), use(row.open), use(row.after.state);
}

void AddChange(soci::session& session, const Case& changed, int64_t after, const std::string& message, absl::Time now) {
  AddBeside(session, ChangeRow(changed, after, now), changed.version, &message);
}

void AddMissed(soci::session& session, const Case& found, absl::Time now) {
  const ChangeRow row(found, found.version, now);
  if (!row.after.open && found.change_version < 0) return;
  AddBeside(session, row, found.version, nullptr);
}

absl::StatusOr<bool> SweepListChanges(store::Database& database, absl::Time before) {
  const int64_t micros = store::Micros(before);
  return database.Write([&](soci::session& session) -> absl::StatusOr<bool> {
    soci::statement sweep =
        (session.prepare << "DELETE FROM consult_change WHERE (change_time, name, version) IN (SELECT change_time, "
                            "name, version FROM consult_change WHERE change_time < :before ORDER BY change_time LIMIT "
                            ":batch)",
         use(micros), use(kSweptAtOnce));
    sweep.execute(true);
    return sweep.get_affected_rows() == kSweptAtOnce;
  });
}

absl::StatusOr<std::vector<ListChange>> SqlListChangeLog::Changes(const ListChange& after, int limit) {
  const int64_t time = store::Micros(after.time);
  return database_.ReadOne([&](soci::session& session) -> absl::StatusOr<std::vector<ListChange>> {
    std::vector<ListChange> changes;
    soci::rowset<soci::row> rows =
        (session.prepare << "SELECT " << kChangeColumns
                         << " FROM consult_change WHERE (change_time, name, version) > (:time, :name, :version) ORDER "
                            "BY change_time, name, version LIMIT :most",
         use(time), use(after.name), use(after.version), use(limit));
    for (const auto& row : rows) changes.push_back(ReadChange(row));
    return changes;
  });
}

absl::StatusOr<std::vector<Case>> SqlListChangeLog::Cases(const std::vector<std::string>& names) {
  if (names.empty()) return std::vector<Case>();
  std::string sql = absl::StrCat("SELECT ", kCaseColumns, " FROM consult WHERE name IN (");
  for (size_t i = 0; i < names.size(); ++i) absl::StrAppend(&sql, i == 0 ? "" : ", ", ":name", i);
  absl::StrAppend(&sql, ")");
  return database_.ReadOne([&](soci::session& session) -> absl::StatusOr<std::vector<Case>> {
    std::vector<Case> cases;
    soci::row row;
    soci::statement select(session);
    select.exchange(into(row));
    for (const std::string& name : names) select.exchange(use(name));
    select.alloc();
    select.prepare(sql);
    select.define_and_bind();
    select.execute();
    while (select.fetch()) {
      LUMBAR_ASSIGN_OR_RETURN(Case read, ReadCase(row));
      cases.push_back(std::move(read));
    }
    return cases;
  });
}

}  // namespace lumbar::gateway
