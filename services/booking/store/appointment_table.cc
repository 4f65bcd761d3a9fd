#include "services/booking/store/appointment_table.h"

#include <string>

#include "common/status/macros.h"
#include "common/store/deferred.h"
#include "common/store/errors.h"
#include "common/store/proto_column.h"
#include "common/time/proto_time.h"
#include "services/booking/errors.h"

namespace lumbar::booking {

using soci::into;
using soci::use;

namespace {

// Runs `select`, which puts each row into `body`.
absl::StatusOr<std::vector<v1::Appointment>> FetchAll(soci::statement& select, const std::string& body) {
  select.execute();
  std::vector<v1::Appointment> found;
  while (select.fetch()) {
    LUMBAR_ASSIGN_OR_RETURN(v1::Appointment appointment, store::FromColumn<v1::Appointment>(body));
    found.push_back(std::move(appointment));
  }
  return found;
}

}  // namespace

absl::StatusOr<Booked> ReadAppointment(soci::session& session, absl::string_view name) {
  const std::string key(name);
  std::string body;
  Booked row;
  session << "SELECT body, first_tick, last_tick FROM appointment WHERE name = :name", into(body),
      into(row.ticks.first), into(row.ticks.last), use(key);
  if (!session.got_data()) return AppointmentNotFound();
  LUMBAR_ASSIGN_OR_RETURN(row.appointment, store::FromColumn<v1::Appointment>(body));
  return row;
}

absl::Status InsertAppointment(soci::session& session, const Booked& row) {
  const v1::Appointment& appointment = row.appointment;
  LUMBAR_ASSIGN_OR_RETURN(const std::string body, store::ToColumn(appointment));
  const std::string name = appointment.name(), patient = appointment.patient(),
                    clinician = appointment.slot().clinician();
  const int64_t start = store::Micros(FromProto(appointment.slot().start_time())), version = appointment.version();
  const store::Deferred deferred(session);
  session << "INSERT INTO appointment (name, patient, clinician, start_time, version, first_tick, last_tick, body) "
             "VALUES (:name, :patient, :clinician, :start, :version, :first, :last, :body)",
      use(name), use(patient), use(clinician), use(start), use(version), use(row.ticks.first), use(row.ticks.last),
      use(body);
  return absl::OkStatus();
}

absl::Status SaveAppointment(soci::session& session, const Booked& after) {
  const v1::Appointment& appointment = after.appointment;
  LUMBAR_ASSIGN_OR_RETURN(const std::string body, store::ToColumn(appointment));
  const std::string name = appointment.name(), clinician = appointment.slot().clinician();
  const int64_t start = store::Micros(FromProto(appointment.slot().start_time()));
  const int64_t version = appointment.version(), before = version - 1;
  soci::statement save =
      (session.prepare << "UPDATE appointment SET clinician = :clinician, start_time = :start, version = :version, "
                          "first_tick = :first, last_tick = :last, body = :body "
                          "WHERE name = :name AND version = :before",
       use(clinician), use(start), use(version), use(after.ticks.first), use(after.ticks.last), use(body), use(name),
       use(before));
  save.execute(true);
  return save.get_affected_rows() == 1 ? absl::OkStatus() : store::StoreConflict();
}

absl::StatusOr<std::vector<v1::Appointment>> SelectAppointments(soci::session& session, const AppointmentQuery& query) {
  const int64_t start = query.after ? store::Micros(query.after->start_time) : 0;
  const std::string name = query.after ? query.after->name : "";
  std::string body;
  soci::statement select(session);
  select.exchange(into(body));
  std::string filter;
  if (!query.patient.empty()) {
    filter += "patient = :patient AND ";
    select.exchange(use(query.patient, "patient"));
  }
  if (!query.clinician.empty()) {
    filter += "clinician = :clinician AND ";
    select.exchange(use(query.clinician, "clinician"));
  }
  select.exchange(use(start, "start"));
  select.exchange(use(name, "name"));
  select.exchange(use(query.limit, "rows"));
  select.alloc();
  select.prepare("SELECT body FROM appointment WHERE " + filter +
                 "(start_time, name) > (:start, :name) ORDER BY start_time, name LIMIT :rows");
  select.define_and_bind();
  return FetchAll(select, body);
}

absl::StatusOr<std::vector<v1::Appointment>> SelectPast(soci::session& session, const std::string& patient,
                                                        absl::Time before, int limit) {
  const int64_t end = store::Micros(before);
  std::string body;
  soci::statement select = (session.prepare << "SELECT body FROM appointment WHERE patient = :patient AND "
                                               "start_time < :end ORDER BY start_time DESC, name DESC LIMIT :rows",
                            into(body), use(patient), use(end), use(limit));
  return FetchAll(select, body);
}

}  // namespace lumbar::booking
