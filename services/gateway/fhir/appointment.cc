#include "services/gateway/fhir/appointment.h"

#include <absl/strings/str_cat.h>

#include <array>

#include "common/status/errors.h"
#include "common/status/macros.h"
#include "common/time/proto_time.h"
#include "lumbar/booking/v1/appointment_calls.pb.h"
#include "lumbar/booking/v1/slot_calls.pb.h"
#include "services/gateway/fhir/bundle.h"
#include "services/gateway/fhir/names.h"
#include "services/gateway/fhir/outcome.h"
#include "services/gateway/fhir/search.h"
#include "services/gateway/fhir/times.h"

namespace lumbar::gateway::fhir {
namespace {

namespace v1 = booking::v1;

constexpr std::array<FieldPath, 6> kAppointmentPaths = {{{"name", "Appointment.id"},
                                                         {"etag", "http.If-Match"},
                                                         {"patient", "http.patient"},
                                                         {"clinician", "http.practitioner"},
                                                         {"page_size", "http._count"},
                                                         {"page_token", "http._page"}}};

const char* AppointmentStatus(v1::AppointmentState state) {
  switch (state) {
    case v1::APPOINTMENT_STATE_BOOKED:
      return "booked";
    case v1::APPOINTMENT_STATE_CANCELLED:
      return "cancelled";
    case v1::APPOINTMENT_STATE_CHECKED_IN:
      return "checked-in";
    case v1::APPOINTMENT_STATE_IN_VISIT:
      return "arrived";
    case v1::APPOINTMENT_STATE_COMPLETED:
      return "fulfilled";
    case v1::APPOINTMENT_STATE_NO_SHOW:
      return "noshow";
    default:
      return "entered-in-error";
  }
}

Json Participant(Json actor, const char* status) { return {{"actor", std::move(actor)}, {"status", status}}; }

// What all three have: when, what for, and who.
void AddVisit(const v1::Slot& slot, const std::string& patient, const char* patient_status, Json& resource) {
  resource["serviceType"] = Json::array({Concept(kVisitTypes, slot.visit_type())});
  resource["start"] = Instant(slot.start_time());
  resource["end"] = Instant(slot.end_time());
  resource["minutesDuration"] = absl::ToInt64Minutes(FromProto(slot.end_time()) - FromProto(slot.start_time()));
  Json clinician = ReferenceTo("Practitioner", slot.clinician());
  if (!slot.clinician_display_name().empty()) clinician["display"] = slot.clinician_display_name();
  resource["participant"] = Json::array(
      {Participant(ReferenceTo("Patient", patient), patient_status), Participant(std::move(clinician), "accepted")});
}

Json AppointmentHeader(const std::string& id, const char* status) {
  return {{"resourceType", "Appointment"}, {"id", id}, {"status", status}};
}

FhirAnswer AppointmentAnswer(const v1::Appointment& appointment) {
  FhirAnswer answer;
  answer.resource = Appointment(appointment);
  answer.version = appointment.etag();
  return answer;
}

}  // namespace

absl::Status CheckAppointment(const Element& appointment) {
  LUMBAR_RETURN_IF_ERROR(appointment.CheckType("Appointment"));
  return appointment.CheckParts({"resourceType",
                                 "id",
                                 "meta",
                                 "language",
                                 "text",
                                 "contained",
                                 "extension",
                                 "identifier",
                                 "status",
                                 "cancelationReason",
                                 "serviceCategory",
                                 "serviceType",
                                 "specialty",
                                 "appointmentType",
                                 "reasonCode",
                                 "reasonReference",
                                 "priority",
                                 "description",
                                 "supportingInformation",
                                 "start",
                                 "end",
                                 "minutesDuration",
                                 "slot",
                                 "created",
                                 "comment",
                                 "patientInstruction",
                                 "basedOn",
                                 "participant",
                                 "requestedPeriod"});
}

Json Appointment(const v1::Appointment& appointment) {
  Json resource = {{"resourceType", "Appointment"},
                   {"id", IdOf(appointment.name())},
                   {"meta", {{"versionId", appointment.etag()}, {"lastUpdated", Instant(appointment.update_time())}}},
                   {"status", AppointmentStatus(appointment.state())}};
  AddVisit(appointment.slot(), appointment.patient(), "accepted", resource);
  resource["created"] = Instant(appointment.create_time());
  return resource;
}

Json Appointment(const v1::Hold& hold) {
  const bool is_live = hold.state() == v1::HOLD_STATE_ACTIVE;
  Json resource = AppointmentHeader(HeldId(hold.name()), is_live ? "pending" : "cancelled");
  AddVisit(hold.slot(), hold.patient(), "needs-action", resource);
  if (is_live) {
    resource["comment"] = absl::StrCat("kept until ", Instant(hold.expire_time()), "; book it before");
  }
  return resource;
}

Json Proposed(const consult::v1::Consult& consult, const v1::Slot& slot) {
  Json resource = AppointmentHeader(ProposalId(consult.name(), slot), "proposed");
  AddVisit(slot, consult.patient(), "needs-action", resource);
  resource["slot"] = Json::array({Json{{"reference", absl::StrCat("Slot/", SlotId(slot))}}});
  resource["supportingInformation"] = Json::array({ReferenceTo("RiskAssessment", consult.name())});
  return resource;
}

absl::StatusOr<Step> ReadAppointment(const FhirRequest& request) {
  if (!IsUuid(request.id)) return NoSuchResource();
  v1::GetAppointmentRequest wanted;
  wanted.set_name(absl::StrCat("appointments/", request.id));
  return Call<v1::GetAppointmentResponse>(
      kGetAppointment, wanted, kAppointmentPaths,
      [](const v1::GetAppointmentResponse& response) { return Answered(AppointmentAnswer(response.appointment())); });
}

absl::StatusOr<Step> SearchAppointments(const FhirRequest& request) {
  v1::ListAppointmentsRequest wanted;
  LUMBAR_ASSIGN_OR_RETURN(*wanted.mutable_patient(), ReadName(request, "patient", "Patient", "patients"));
  LUMBAR_ASSIGN_OR_RETURN(*wanted.mutable_clinician(), ReadName(request, "practitioner", "Practitioner", "clinicians"));
  LUMBAR_ASSIGN_OR_RETURN(const int size, PageSize(request));
  wanted.set_page_size(size);
  wanted.set_page_token(request.Parameter(kPageParameter));
  return Call<v1::ListAppointmentsResponse>(
      kListAppointments, wanted, kAppointmentPaths, [request](const v1::ListAppointmentsResponse& response) {
        std::vector<Json> resources;
        for (const auto& appointment : response.appointments()) resources.push_back(Appointment(appointment));
        FhirAnswer answer;
        answer.resource = SearchSet(request, std::move(resources), response.next_page_token());
        return Answered(std::move(answer));
      });
}

absl::StatusOr<Step> UpdateAppointment(const FhirRequest& request) {
  const Element appointment(request.body, "Appointment");
  LUMBAR_RETURN_IF_ERROR(CheckAppointment(appointment));
  LUMBAR_ASSIGN_OR_RETURN(const std::string id, appointment.TextAt("id"));
  if (id != request.id) return InvalidField("Appointment.id", "must be the one of the address");
  LUMBAR_ASSIGN_OR_RETURN(const std::string status, appointment.TextAt("status"));
  if (status != "cancelled") return ChangeNotSupported("Appointment.status");
  return CallOff(request, id, request.if_match);
}

absl::StatusOr<Step> CallOff(const FhirRequest& request, const std::string& id, const std::string& version) {
  if (const auto hold = ReadHeldId(id)) {
    v1::ReleaseHoldRequest wanted;
    if (!IsUuid(IdOf(*hold))) return NoSuchResource();
    if (!version.empty()) return HasNoVersions();
    wanted.set_name(*hold);
    wanted.set_request_id(request.request_id);
    return Call<v1::ReleaseHoldResponse>(kReleaseHold, wanted, kAppointmentPaths,
                                         [](const v1::ReleaseHoldResponse& response) {
                                           FhirAnswer answer;
                                           answer.resource = Appointment(response.hold());
                                           return Answered(std::move(answer));
                                         });
  }
  if (!IsUuid(id)) return NoSuchResource();
  v1::CancelAppointmentRequest wanted;
  wanted.set_name(absl::StrCat("appointments/", id));
  wanted.set_request_id(request.request_id);
  wanted.set_etag(version);
  return Call<v1::CancelAppointmentResponse>(kCancelAppointment, wanted, kAppointmentPaths,
                                             [](const v1::CancelAppointmentResponse& response) {
                                               return Answered(AppointmentAnswer(response.appointment()));
                                             });
}

}  // namespace lumbar::gateway::fhir
