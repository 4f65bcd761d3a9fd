#include "services/booking/store/sql_appointment_store.h"

#include <algorithm>

#include "common/status/macros.h"
#include "common/store/idempotency.h"
#include "common/store/resource_name.h"
#include "common/time/proto_time.h"
#include "services/booking/domain/lifecycle.h"
#include "services/booking/errors.h"
#include "services/booking/store/appointment_table.h"
#include "services/booking/store/change_table.h"
#include "services/booking/store/day_load.h"
#include "services/booking/store/hold_table.h"
#include "services/booking/store/outbox_table.h"
#include "services/booking/store/tick_table.h"
#include "services/booking/store/waitlist_table.h"
#include "services/booking/store/workload.h"

namespace lumbar::booking {
namespace {

// Tells everybody of the change: who relays, and who watches. `before`: with whom the visit was until then.
absl::Status Tell(soci::session& session, const v1::Appointment& after, const std::string& before, absl::Time now) {
  v1::AppointmentEvent event = NewEvent(now);
  *event.mutable_appointment() = after;
  LUMBAR_RETURN_IF_ERROR(AddEvent(session, event));
  return AddChange(session, event, before);
}

// Who confirms or releases the hold of an offer that stands has answered it. Once the offer is accepted, the hold is
// like any other; and one that ran out is the matcher's to settle, whatever is on offer since.
using AnswerStep = absl::StatusOr<v1::WaitlistEntry> (*)(const v1::WaitlistEntry&, absl::string_view etag,
                                                         absl::Time now);
absl::Status Answer(soci::session& session, const HoldRow& row, AnswerStep step, absl::Time now) {
  if (row.waitlist_entry.empty()) return absl::OkStatus();
  LUMBAR_ASSIGN_OR_RETURN(const v1::WaitlistEntry entry, ReadEntry(session, row.waitlist_entry));
  if (entry.offer().hold() != row.hold.name()) return absl::OkStatus();
  if (AsOf(entry, now).state() != v1::WAITLIST_STATE_OFFERED) return absl::OkStatus();
  LUMBAR_ASSIGN_OR_RETURN(const v1::WaitlistEntry after, step(entry, "", now));
  return SaveEntry(session, entry, after);
}

// The row is saved before the ticks are touched: of several who change it at once one goes on, and the others begin
// again with what it has become. If the ticks came first, they would be found gone for no reason that is true.
absl::StatusOr<v1::ConfirmHoldResponse> ConfirmRow(soci::session& session, HoldRow row, absl::Time now) {
  v1::ConfirmHoldResponse response;
  LUMBAR_ASSIGN_OR_RETURN(*response.mutable_appointment(), Confirm(row.hold, store::NewName("appointments"), now));
  const v1::Appointment& appointment = response.appointment();
  row.hold.set_state(v1::HOLD_STATE_CONFIRMED);
  row.hold.set_appointment(appointment.name());
  LUMBAR_RETURN_IF_ERROR(EndHold(session, row.hold));
  LUMBAR_RETURN_IF_ERROR(
      KeepTicks(session, row.hold.slot().clinician(), row.ticks, row.hold.name(), appointment.name()));
  LUMBAR_RETURN_IF_ERROR(InsertAppointment(session, {appointment, row.ticks}));
  LUMBAR_RETURN_IF_ERROR(Tell(session, appointment, "", now));
  LUMBAR_RETURN_IF_ERROR(Answer(session, row, &Accepted, now));
  return response;
}

absl::StatusOr<v1::ReleaseHoldResponse> ReleaseRow(soci::session& session, const HoldRow& row, absl::Time now) {
  v1::ReleaseHoldResponse response;
  LUMBAR_ASSIGN_OR_RETURN(*response.mutable_hold(), Release(row.hold, now));
  if (row.hold.state() != v1::HOLD_STATE_ACTIVE) return response;
  LUMBAR_RETURN_IF_ERROR(EndHold(session, response.hold()));
  FreeTicks(session, row.hold.slot().clinician(), row.ticks, row.hold.name());
  LUMBAR_RETURN_IF_ERROR(Answer(session, row, &Declined, now));
  return response;
}

// Gains before it frees: nobody then waits for another's time while keeping what others wait for.
absl::Status FollowTime(soci::session& session, const Booked& before, const Booked& after, absl::Time now) {
  const std::string& name = before.appointment.name();
  const std::string &old_clinician = before.appointment.slot().clinician(),
                    &clinician = after.appointment.slot().clinician();
  if (after.appointment.state() == v1::APPOINTMENT_STATE_CANCELLED) {
    FreeTicks(session, old_clinician, before.ticks, name);
    return absl::OkStatus();
  }
  if (clinician == old_clinician && after.ticks == before.ticks) return absl::OkStatus();
  if (after.daily_limit) LUMBAR_RETURN_IF_ERROR(CheckDay(session, clinician, *after.daily_limit, name, now));
  LUMBAR_RETURN_IF_ERROR(GainTicks(session, clinician, after.ticks, name, now));
  if (clinician != old_clinician) {
    FreeTicks(session, old_clinician, before.ticks, name);
  } else {
    FreeTicks(session, clinician, {before.ticks.first, std::min(before.ticks.last, after.ticks.first - 1)}, name);
    FreeTicks(session, clinician, {std::max(before.ticks.first, after.ticks.last + 1), before.ticks.last}, name);
  }
  return absl::OkStatus();
}

// Kept as the answer of every step: their responses have the same shape.
absl::StatusOr<v1::GetAppointmentResponse> ChangeRow(soci::session& session, const Booked& before, AppointmentStep step,
                                                     absl::Time now) {
  v1::GetAppointmentResponse response;
  LUMBAR_ASSIGN_OR_RETURN(const Booked after, step(before, now));
  *response.mutable_appointment() = after.appointment;
  if (after.appointment.version() == before.appointment.version()) return response;
  LUMBAR_RETURN_IF_ERROR(SaveAppointment(session, after));
  LUMBAR_RETURN_IF_ERROR(FollowTime(session, before, after, now));
  LUMBAR_RETURN_IF_ERROR(Tell(session, after.appointment, before.appointment.slot().clinician(), now));
  return response;
}

}  // namespace

absl::StatusOr<v1::CreateHoldResponse> SqlAppointmentStore::CreateHold(const store::Mutation& mutation,
                                                                       const absl::StatusOr<NewHold>& wanted) {
  return store::Once<v1::CreateHoldResponse>(
      database_, mutation, clock_, [&](soci::session& session) -> absl::StatusOr<v1::CreateHoldResponse> {
        LUMBAR_RETURN_IF_ERROR(wanted.status());
        v1::CreateHoldResponse response;
        LUMBAR_ASSIGN_OR_RETURN(*response.mutable_hold(), TakeHold(session, *wanted, clock_.Now()));
        return response;
      });
}

absl::StatusOr<v1::Hold> SqlAppointmentStore::GetHold(absl::string_view name) {
  return database_.ReadOne([&](soci::session& session) -> absl::StatusOr<v1::Hold> {
    LUMBAR_ASSIGN_OR_RETURN(HoldRow row, ReadHold(session, name));
    return AsOf(std::move(row.hold), clock_.Now());
  });
}

absl::StatusOr<v1::ReleaseHoldResponse> SqlAppointmentStore::ReleaseHold(const store::Mutation& mutation,
                                                                         absl::string_view name) {
  return store::Once<v1::ReleaseHoldResponse>(database_, mutation, clock_,
                                              [&](soci::session& session) -> absl::StatusOr<v1::ReleaseHoldResponse> {
                                                LUMBAR_ASSIGN_OR_RETURN(const HoldRow row, ReadHold(session, name));
                                                return ReleaseRow(session, row, clock_.Now());
                                              });
}

absl::StatusOr<v1::ConfirmHoldResponse> SqlAppointmentStore::ConfirmHold(const store::Mutation& mutation,
                                                                         absl::string_view name, OwnerCheck may) {
  const auto act = [&](soci::session& session) -> absl::StatusOr<v1::ConfirmHoldResponse> {
    LUMBAR_ASSIGN_OR_RETURN(HoldRow row, ReadHold(session, name));
    LUMBAR_RETURN_IF_ERROR(may(row.hold.patient()));
    return ConfirmRow(session, std::move(row), clock_.Now());
  };
  LUMBAR_ASSIGN_OR_RETURN(v1::ConfirmHoldResponse response,
                          store::Once<v1::ConfirmHoldResponse>(database_, mutation, clock_, act));
  // It may be the answer to an earlier request.
  LUMBAR_RETURN_IF_ERROR(may(response.appointment().patient()));
  return response;
}

absl::StatusOr<v1::Appointment> SqlAppointmentStore::GetAppointment(absl::string_view name) {
  return database_.ReadOne([&](soci::session& session) -> absl::StatusOr<v1::Appointment> {
    LUMBAR_ASSIGN_OR_RETURN(Booked row, ReadAppointment(session, name));
    return std::move(row.appointment);
  });
}

absl::StatusOr<std::vector<v1::Appointment>> SqlAppointmentStore::ListAppointments(const AppointmentQuery& query) {
  return database_.ReadOne([&](soci::session& session) { return SelectAppointments(session, query); });
}

absl::StatusOr<v1::Appointment> SqlAppointmentStore::Change(const store::Mutation& mutation, absl::string_view name,
                                                            AppointmentStep step) {
  const auto act = [&](soci::session& session) -> absl::StatusOr<v1::GetAppointmentResponse> {
    LUMBAR_ASSIGN_OR_RETURN(const Booked before, ReadAppointment(session, name));
    return ChangeRow(session, before, step, clock_.Now());
  };
  LUMBAR_ASSIGN_OR_RETURN(v1::GetAppointmentResponse response,
                          store::Once<v1::GetAppointmentResponse>(database_, mutation, clock_, act));
  return std::move(*response.mutable_appointment());
}

absl::StatusOr<TakenTicks> SqlAppointmentStore::Taken(absl::string_view clinician, TickRange range) {
  const std::string name(clinician);
  return database_.ReadOne([&](soci::session& session) -> absl::StatusOr<TakenTicks> {
    return ReadTicks(session, name, range, clock_.Now());
  });
}

absl::StatusOr<int64_t> SqlAppointmentStore::CountVisits(absl::string_view clinician, const Interval& day) {
  const std::string name(clinician);
  return database_.ReadOne(
      [&](soci::session& session) { return booking::CountVisits(session, name, day, "", clock_.Now()); });
}

absl::StatusOr<Workloads> SqlAppointmentStore::WorkloadsIn(TickRange range, absl::Time booked_since) {
  return database_.ReadOne([&](soci::session& session) -> absl::StatusOr<Workloads> {
    return ReadWorkloads(session, range, booked_since, clock_.Now());
  });
}

absl::StatusOr<std::vector<v1::Appointment>> SqlAppointmentStore::ListPast(absl::string_view patient, absl::Time before,
                                                                           int limit) {
  const std::string of_patient(patient);
  return database_.ReadOne([&](soci::session& session) { return SelectPast(session, of_patient, before, limit); });
}

}  // namespace lumbar::booking
