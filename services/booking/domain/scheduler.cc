#include "services/booking/domain/scheduler.h"

#include <utility>

#include "common/status/errors.h"
#include "common/status/macros.h"
#include "common/time/proto_time.h"
#include "common/time/zone.h"
#include "services/booking/domain/admission.h"
#include "services/booking/domain/offer.h"
#include "services/booking/errors.h"

namespace lumbar::booking {
Scheduler::Scheduler(ClinicianStore& clinicians, AppointmentStore& appointments,
                     const auth::AssessmentVerifier& verifier, const Clock& clock, std::function<void()> on_change,
                     absl::Duration hold_lifetime)
    : clinicians_(clinicians),
      appointments_(appointments),
      verifier_(verifier),
      clock_(clock),
      search_(clinicians, appointments, clock),
      on_change_(std::move(on_change)),
      hold_lifetime_(hold_lifetime) {}

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
  LUMBAR_ASSIGN_OR_RETURN(Offer offer,
                          FindOffer(clinician, request.visit_type(), patient, FromProto(request.start_time())));
  LUMBAR_RETURN_IF_ERROR(CheckWhen(offer, clock_.Now(), admission.act_by));

  NewHold wanted;
  wanted.hold.set_patient(request.patient());
  *wanted.hold.mutable_slot() = std::move(offer.slot);
  *wanted.hold.mutable_contact() = request.contact();
  wanted.hold.set_level(admission.level);
  if (admission.act_by != absl::InfiniteFuture()) {
    *wanted.hold.mutable_act_by_time() = ToProtoTime(admission.act_by);
  }
  wanted.ticks = offer.ticks;
  wanted.daily_limit = offer.daily_limit;
  wanted.lifetime = HoldLifetime(admission.level, hold_lifetime_);
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
  const auto may = [&](const std::string& patient) { return context.CheckOwner(patient); };
  LUMBAR_ASSIGN_OR_RETURN(v1::ConfirmHoldResponse response,
                          appointments_.ConfirmHold(context.mutation(), request.name(), may));
  on_change_();
  return response;
}

}  // namespace lumbar::booking
