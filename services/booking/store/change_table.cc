#include "services/booking/store/change_table.h"

#include <absl/strings/str_join.h>

#include "common/status/macros.h"
#include "common/store/deferred.h"
#include "common/store/proto_column.h"
#include "common/time/proto_time.h"

namespace lumbar::booking {

using soci::into;
using soci::use;

absl::Status AddChange(soci::session& session, const v1::AppointmentEvent& event, const std::string& before) {
  const v1::Appointment& appointment = event.appointment();
  LUMBAR_ASSIGN_OR_RETURN(const std::string body, store::ToColumn(event));
  const std::string name = appointment.name(), clinician = appointment.slot().clinician();
  const std::string left = before == clinician ? "" : before;
  const int64_t version = appointment.version(), state = appointment.state();
  const int64_t time = store::Micros(FromProto(appointment.update_time()));
  const store::Deferred deferred(session);
  session << "INSERT INTO change_log (appointment, version, change_time, state, clinician, left_clinician, body) "
             "VALUES (:appointment, :version, :change_time, :state, :clinician, :left, :body)",
      use(name), use(version), use(time), use(state), use(clinician), use(left), use(body);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<ChangeKey>> SqlChangeLog::Keys(const ChangeQuery& query, const ChangeKey& after, int limit) {
  std::string filter;
  if (!query.clinician.empty()) filter += "(clinician = :clinician OR left_clinician = :clinician) AND ";
  // Numbers of an enum: nothing of theirs can be SQL.
  if (!query.states.empty()) filter += "state IN (" + absl::StrJoin(query.states, ", ") + ") AND ";
  const std::string sql = "SELECT change_time, appointment, version FROM change_log WHERE " + filter +
                          "(change_time, appointment, version) > (:time, :appointment, :version) "
                          "ORDER BY change_time, appointment, version LIMIT :rows";
  return database_.ReadOne([&](soci::session& session) -> absl::StatusOr<std::vector<ChangeKey>> {
    const int64_t time = store::Micros(after.time);
    int64_t found_time = 0;
    ChangeKey row;
    soci::statement select(session);
    select.exchange(into(found_time));
    select.exchange(into(row.appointment));
    select.exchange(into(row.version));
    if (!query.clinician.empty()) select.exchange(use(query.clinician, "clinician"));
    select.exchange(use(time, "time"));
    select.exchange(use(after.appointment, "appointment"));
    select.exchange(use(after.version, "version"));
    select.exchange(use(limit, "rows"));
    select.alloc();
    select.prepare(sql);
    select.define_and_bind();
    select.execute();
    std::vector<ChangeKey> keys;
    while (select.fetch()) {
      row.time = store::FromMicros(found_time);
      keys.push_back(row);
    }
    return keys;
  });
}

absl::StatusOr<std::optional<v1::AppointmentEvent>> SqlChangeLog::Read(const ChangeKey& key) {
  return database_.ReadOne([&](soci::session& session) -> absl::StatusOr<std::optional<v1::AppointmentEvent>> {
    std::string body;
    session << "SELECT body FROM change_log WHERE appointment = :appointment AND version = :version", into(body),
        use(key.appointment), use(key.version);
    if (!session.got_data()) return std::nullopt;
    return store::FromColumn<v1::AppointmentEvent>(body);
  });
}

}  // namespace lumbar::booking
