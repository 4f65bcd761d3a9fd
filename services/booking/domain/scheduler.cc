#include "services/booking/domain/scheduler.h"

#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_split.h>

#include <utility>

#include "common/status/errors.h"
#include "common/status/macros.h"
#include "common/store/errors.h"
#include "common/store/page_token.h"
#include "common/time/proto_time.h"
#include "services/booking/domain/admission.h"
#include "services/booking/domain/eligibility.h"
#include "services/booking/domain/zone.h"
#include "services/booking/errors.h"

namespace lumbar::booking {
namespace {

// Everything in the request that decides which appointments the list has.
std::string QueryOf(const v1::ListAppointmentsRequest& request) {
  return absl::StrCat(request.patient(), " ", request.clinician());
}

std::string TokenAfter(const v1::Appointment& last, const v1::ListAppointmentsRequest& request) {
  const int64_t micros = absl::ToUnixMicros(FromProto(last.slot().start_time()));
  return store::EncodePageToken(absl::StrCat(micros, " ", last.name()), QueryOf(request));
}

absl::StatusOr<std::optional<AppointmentQuery::Position>> PositionOf(const v1::ListAppointmentsRequest& request) {
  LUMBAR_ASSIGN_OR_RETURN(const std::string key, store::DecodePageToken(request.page_token(), QueryOf(request)));
  if (key.empty()) return std::nullopt;
  const std::pair<std::string, std::string> parts = absl::StrSplit(key, absl::MaxSplits(' ', 1));
  int64_t micros = 0;
  if (!absl::SimpleAtoi(parts.first, &micros)) return store::InvalidPageToken();
  return AppointmentQuery::Position{absl::FromUnixMicros(micros), parts.second};
}

absl::Status CheckWhen(absl::Time start, absl::Time now, const Admission& admission) {
  if (start <= now) return SlotInThePast();
  if (start > now + kHorizon) return SlotBeyondHorizon();
  if (start > admission.act_by) return AfterActBy();
  return absl::OkStatus();
}

// The visit of this type that begins at `start`, if the clinician may see the patient then and offers that time.
absl::StatusOr<Interval> Offer(const v1::Clinician& clinician, const v1::VisitType& type, const PatientScope& patient,
                               absl::Time start) {
  const Interval visit{start, start + FromProto(type.duration())};
  LUMBAR_RETURN_IF_ERROR(CheckEligible(clinician, patient, type.code(), visit));
  const auto schedule = Schedule::Of(clinician, type);
  if (!schedule || !schedule->VisitAt(start)) return NotASlot();
  return visit;
}

}  // namespace

Scheduler::Scheduler(ClinicianStore& clinicians, AppointmentStore& appointments,
                     const auth::AssessmentVerifier& verifier, const Clock& clock, std::function<void()> on_change)
    : clinicians_(clinicians),
      appointments_(appointments),
      verifier_(verifier),
      clock_(clock),
      search_(clinicians, appointments, clock),
      on_change_(std::move(on_change)) {}

absl::StatusOr<v1::SearchSlotsResponse> Scheduler::SearchSlots(const rpc::CallContext&,
                                                               const v1::SearchSlotsRequest& request) {
  return search_.Search(request);
}

absl::StatusOr<NewHold> Scheduler::Plan(const rpc::CallContext& context, const v1::CreateHoldRequest& request) {
  LUMBAR_ASSIGN_OR_RETURN(const Admission admission, Admit(context, request, verifier_));
  if (!IsKnownZone(request.contact().time_zone())) {
    return InvalidField("contact.time_zone", "must be an IANA zone such as America/New_York");
  }
  LUMBAR_ASSIGN_OR_RETURN(const v1::Clinician clinician, clinicians_.Get(request.clinician()));
  const PatientScope patient{request.contact().state(), request.contact().age_years()};
  LUMBAR_RETURN_IF_ERROR(CheckScope(clinician, patient, request.visit_type()));
  const absl::Time start = FromProto(request.start_time());
  LUMBAR_RETURN_IF_ERROR(CheckWhen(start, clock_.Now(), admission));
  const v1::VisitType& type = *FindVisitType(clinician, request.visit_type());
  LUMBAR_ASSIGN_OR_RETURN(const Interval visit, Offer(clinician, type, patient, start));

  NewHold wanted;
  wanted.hold.set_patient(request.patient());
  *wanted.hold.mutable_slot() = MakeSlot(clinician, type.code(), visit);
  *wanted.hold.mutable_contact() = request.contact();
  wanted.hold.set_level(admission.level);
  wanted.ticks = TicksOf(WithBuffers(visit, type));
  wanted.lifetime = admission.level == triage::v1::LEVEL_CONSULTATION_24 ? kUrgentHoldLifetime : kHoldLifetime;
  wanted.live_limit = kLiveHolds;
  wanted.override_reason = request.override_reason();
  return wanted;
}

absl::StatusOr<v1::CreateHoldResponse> Scheduler::CreateHold(const rpc::CallContext& context,
                                                             const v1::CreateHoldRequest& request) {
  return appointments_.CreateHold(context.mutation(), Plan(context, request));
}

absl::StatusOr<v1::ReleaseHoldResponse> Scheduler::ReleaseHold(const rpc::CallContext& context,
                                                               const v1::ReleaseHoldRequest& request) {
  LUMBAR_ASSIGN_OR_RETURN(const v1::Hold hold, appointments_.GetHold(request.name()));
  LUMBAR_RETURN_IF_ERROR(context.CheckOwner(hold.patient()));
  return appointments_.ReleaseHold(context.mutation(), request.name());
}

absl::StatusOr<v1::ConfirmHoldResponse> Scheduler::ConfirmHold(const rpc::CallContext& context,
                                                               const v1::ConfirmHoldRequest& request) {
  LUMBAR_ASSIGN_OR_RETURN(const v1::Hold hold, appointments_.GetHold(request.name()));
  LUMBAR_RETURN_IF_ERROR(context.CheckOwner(hold.patient()));
  LUMBAR_ASSIGN_OR_RETURN(v1::ConfirmHoldResponse response,
                          appointments_.ConfirmHold(context.mutation(), request.name()));
  on_change_();
  return response;
}

absl::StatusOr<v1::GetAppointmentResponse> Scheduler::GetAppointment(const rpc::CallContext& context,
                                                                     const v1::GetAppointmentRequest& request) {
  v1::GetAppointmentResponse response;
  LUMBAR_ASSIGN_OR_RETURN(*response.mutable_appointment(), appointments_.GetAppointment(request.name()));
  LUMBAR_RETURN_IF_ERROR(context.CheckOwner(response.appointment().patient()));
  return response;
}

absl::StatusOr<v1::ListAppointmentsResponse> Scheduler::ListAppointments(const rpc::CallContext&,
                                                                         const v1::ListAppointmentsRequest& request) {
  LUMBAR_ASSIGN_OR_RETURN(const int page_size, store::PageSize(request.page_size(), 50, 200));
  AppointmentQuery query{request.patient(), request.clinician(), std::nullopt, page_size + 1};
  LUMBAR_ASSIGN_OR_RETURN(query.after, PositionOf(request));
  LUMBAR_ASSIGN_OR_RETURN(std::vector<v1::Appointment> found, appointments_.ListAppointments(query));

  v1::ListAppointmentsResponse response;
  const bool more = static_cast<int>(found.size()) > page_size;
  if (more) found.pop_back();
  if (more) response.set_next_page_token(TokenAfter(found.back(), request));
  for (v1::Appointment& appointment : found) *response.add_appointments() = std::move(appointment);
  return response;
}

absl::StatusOr<v1::CancelAppointmentResponse> Scheduler::CancelAppointment(
    const rpc::CallContext& context, const v1::CancelAppointmentRequest& request) {
  LUMBAR_ASSIGN_OR_RETURN(const v1::Appointment appointment, appointments_.GetAppointment(request.name()));
  LUMBAR_RETURN_IF_ERROR(context.CheckOwner(appointment.patient()));
  LUMBAR_ASSIGN_OR_RETURN(v1::CancelAppointmentResponse response,
                          appointments_.CancelAppointment(context.mutation(), request.name(), request.etag()));
  on_change_();
  return response;
}

}  // namespace lumbar::booking
