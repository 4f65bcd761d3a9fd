// How the saga gives the time of a declined consult up: whatever its booking came to, a hold or a visit, and whichever
// step of that was answered. Each call has the key of its first try, so that any of it can be made again.
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "services/gateway/consult/domain/saga.h"

namespace lumbar::gateway {
namespace {

using booking::v1::Appointment;

// Unless the patient has joined it, and however long it takes to reach booking: it was declined before it began.
bool CanBeCalledOff(const Appointment& visit) {
  return visit.state() == booking::v1::APPOINTMENT_STATE_BOOKED ||
         visit.state() == booking::v1::APPOINTMENT_STATE_CHECKED_IN;
}

// The visit stays: nothing was declined, unless it is somebody else's by now.
void KeepVisit(consult::v1::Consult& consult, const Appointment& visit) {
  if (visit.slot().clinician() == consult.declines().rbegin()->clinician()) consult.mutable_declines()->RemoveLast();
  *consult.mutable_chosen_slot() = visit.slot();
  consult.set_appointment(visit.name());
  consult.set_state(consult::v1::CONSULT_STATE_BOOKED);
}

void ForgetVisit(Case& declined) {
  declined.consult.clear_appointment();
  declined.consult.clear_chosen_slot();
  declined.hold_request_id.clear();
  declined.confirm_request_id.clear();
  declined.consult.set_state(consult::v1::CONSULT_STATE_TRIAGED);
}

}  // namespace

absl::StatusOr<std::string> Saga::FindVisit(const Case& given_up, const Errand& errand) {
  if (!given_up.consult.appointment().empty()) return given_up.consult.appointment();
  // It was being booked. Asked again under its key, booking says which hold it is, or makes the one to give back.
  const auto hold = booking_.CreateHold(HoldOf(given_up), errand);
  if (!hold.ok()) return SlotLost(hold.status()) ? absl::StatusOr<std::string>("") : hold.status();
  booking::v1::ReleaseHoldRequest release;
  release.set_request_id(given_up.decline_request_id);
  release.set_name(hold->name());
  const absl::Status released = booking_.ReleaseHold(release, errand);
  if (released.ok() || ReasonOf(released) == "HOLD_NOT_FOUND") return "";
  if (ReasonOf(released) != "HOLD_CONFIRMED") return released;
  booking::v1::ConfirmHoldRequest confirm;
  confirm.set_request_id(given_up.confirm_request_id);
  confirm.set_name(hold->name());
  LUMBAR_ASSIGN_OR_RETURN(const Appointment visit, booking_.ConfirmHold(confirm, errand));
  return visit.name();
}

absl::StatusOr<std::optional<Appointment>> Saga::CancelVisit(const Case& declined, const std::string& visit,
                                                             const Errand& errand) {
  LUMBAR_ASSIGN_OR_RETURN(const Appointment found, booking_.GetAppointment(visit, errand));
  if (found.state() == booking::v1::APPOINTMENT_STATE_CANCELLED) return std::nullopt;
  const bool is_declined = found.slot().clinician() == declined.consult.declines().rbegin()->clinician();
  if (!is_declined || !CanBeCalledOff(found)) return found;
  booking::v1::CancelAppointmentRequest cancel;
  cancel.set_request_id(declined.decline_request_id);
  cancel.set_name(visit);
  // So that a visit which somebody moves to another clinician at this moment isn't called off.
  cancel.set_etag(found.etag());
  cancel.set_by_practice(true);
  LUMBAR_RETURN_IF_ERROR(booking_.CancelAppointment(cancel, errand));
  return std::nullopt;
}

absl::StatusOr<Case> Saga::CallOff(Case moved, const Errand& errand) {
  const auto visit = FindVisit(moved, errand);
  if (!visit.ok()) return PutOff(std::move(moved), "call_off", visit.status(), errand);
  if (!visit->empty()) {
    // Whoever of the staff must look at it has it to call off.
    moved.consult.set_appointment(*visit);
    const auto kept = CancelVisit(moved, *visit, errand);
    if (!kept.ok()) return PutOff(std::move(moved), "call_off", kept.status(), errand);
    if (kept->has_value()) {
      KeepVisit(moved.consult, **kept);
      return Save(std::move(moved));
    }
  }
  ForgetVisit(moved);
  LUMBAR_ASSIGN_OR_RETURN(moved, Save(std::move(moved)));
  return Advance(std::move(moved), errand);
}

}  // namespace lumbar::gateway
