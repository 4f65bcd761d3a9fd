// How the desk calls a consult off. The visit goes first: until it is called off nothing has changed, and a retry makes
// the same calls.
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "services/gateway/consult/domain/audience.h"
#include "services/gateway/consult/domain/consult_desk.h"
#include "services/gateway/consult/domain/ending.h"
#include "services/gateway/consult/domain/errors.h"

namespace lumbar::gateway {
namespace {

namespace v1 = consult::v1;

bool IsCancelled(const Case& read) { return read.consult.state() == v1::CONSULT_STATE_CANCELLED; }

}  // namespace

absl::StatusOr<v1::CancelConsultResponse> ConsultDesk::CancelConsult(const rpc::CallContext& context,
                                                                     const v1::CancelConsultRequest& request) {
  LUMBAR_ASSIGN_OR_RETURN(const Case found, cases_.Find(request.name()));
  LUMBAR_RETURN_IF_ERROR(context.CheckOwner(found.consult.patient()));
  auto cancelled = CallOff(context, request, found);
  if (ReasonOf(cancelled.status()) == "CHANGED_MEANWHILE") {
    // It may be a reader who saw that the visit is called off, and was quicker to say so.
    LUMBAR_ASSIGN_OR_RETURN(Case now, cases_.Find(request.name()));
    if (IsCancelled(now)) cancelled = std::move(now);
  }
  LUMBAR_RETURN_IF_ERROR(cancelled.status());
  v1::CancelConsultResponse response;
  *response.mutable_consult() = ShownTo(context.caller(), *cancelled, clock_.Now());
  return response;
}

absl::StatusOr<Case> ConsultDesk::CallOff(const rpc::CallContext& context, const v1::CancelConsultRequest& request,
                                          const Case& found) {
  // Nothing is left to do, whoever did it.
  if (IsCancelled(found)) return found;
  LUMBAR_ASSIGN_OR_RETURN(const std::string visit, LiveVisit(context, request, found));
  if (!visit.empty()) {
    // One that its clinician declined, or of which the patient never heard, costs the patient nothing.
    const bool by_practice =
        found.consult.state() == v1::CONSULT_STATE_ESCALATED || context.caller().role == options::v1::ROLE_STAFF;
    LUMBAR_RETURN_IF_ERROR(CancelVisit(context, request.request_id(), visit, by_practice));
  }
  const auto mark = [&](Case& cancelled) -> absl::Status {
    // It may have been booked since, and that visit wasn't called off.
    if (cancelled.version != found.version) return ChangedMeanwhile();
    if (!visit.empty()) cancelled.consult.set_appointment(visit);
    return MarkCancelled(cancelled, clock_.Now());
  };
  return cases_.Change(context.mutation(), request.name(), mark);
}

absl::StatusOr<std::string> ConsultDesk::LiveVisit(const rpc::CallContext& context,
                                                   const v1::CancelConsultRequest& request, const Case& found) {
  const v1::Consult& consult = found.consult;
  if (consult.state() == v1::CONSULT_STATE_BOOKED) return consult.appointment();
  // The staff has it because its time couldn't be booked, or given up: whatever came of that is given up now.
  const bool is_open = consult.state() == v1::CONSULT_STATE_ESCALATED && consult.has_chosen_slot();
  if (!is_open) return "";
  Case given_up = found;
  given_up.decline_request_id = request.request_id();
  return saga_.FindVisit(given_up, ErrandOf(context));
}

absl::Status ConsultDesk::CancelVisit(const rpc::CallContext& context, const std::string& request_id,
                                      const std::string& visit, bool by_practice) {
  const Errand errand = ErrandOf(context);
  booking::v1::CancelAppointmentRequest cancel;
  cancel.set_request_id(request_id);
  cancel.set_name(visit);
  cancel.set_by_practice(by_practice);
  const absl::Status status = booking_.CancelAppointment(cancel, errand);
  if (ReasonOf(status) != "NOT_BOOKED") return status;
  // Called off on another way already, then only the consult is left to do; or over.
  LUMBAR_ASSIGN_OR_RETURN(const auto found, booking_.GetAppointment(visit, errand));
  return found.state() == booking::v1::APPOINTMENT_STATE_CANCELLED ? absl::OkStatus() : ConsultOver();
}

}  // namespace lumbar::gateway
