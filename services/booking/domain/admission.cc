#include "services/booking/domain/admission.h"

#include <absl/strings/str_cat.h>

#include "common/status/macros.h"
#include "common/time/proto_time.h"
#include "services/booking/errors.h"

namespace lumbar::booking {
namespace {

using triage::v1::Level;

// Anything but a level that is known to be bookable is treated as an emergency.
bool Bookable(Level level) {
  return level == triage::v1::LEVEL_SELF_CARE || level == triage::v1::LEVEL_CONSULTATION ||
         level == triage::v1::LEVEL_CONSULTATION_24;
}

Level LevelOf(const auth::AssessmentClaims& claims) {
  Level level = triage::v1::LEVEL_UNSPECIFIED;
  triage::v1::Level_Parse(absl::StrCat("LEVEL_", claims.level), &level);
  return level;
}

}  // namespace

absl::Time ActBy(const v1::Appointment& appointment) {
  if (appointment.has_act_by_time()) return FromProto(appointment.act_by_time());
  const Level level = appointment.level();
  const bool unbound = level == triage::v1::LEVEL_UNSPECIFIED || level == triage::v1::LEVEL_SELF_CARE;
  return unbound ? absl::InfiniteFuture() : FromProto(appointment.slot().start_time());
}

absl::StatusOr<Admission> AdmitAssessed(absl::string_view signed_assessment, absl::string_view patient,
                                        const auth::AssessmentVerifier& verifier) {
  LUMBAR_ASSIGN_OR_RETURN(const auth::AssessmentClaims claims, verifier.Verify(signed_assessment, patient));
  Admission admission{LevelOf(claims)};
  if (!Bookable(admission.level)) return EmergencyNotBookable();
  // Care at home fits a patient at this level, so no visit can be too late.
  if (admission.level != triage::v1::LEVEL_SELF_CARE) admission.act_by = claims.act_by;
  return admission;
}

absl::StatusOr<bool> IsEmergency(absl::string_view signed_assessment, absl::string_view patient,
                                 const auth::AssessmentVerifier& verifier) {
  LUMBAR_ASSIGN_OR_RETURN(const auth::AssessmentClaims claims, verifier.Verify(signed_assessment, patient));
  return !Bookable(LevelOf(claims));
}

absl::StatusOr<Admission> Admit(const rpc::CallContext& context, const v1::CreateHoldRequest& request,
                                const auth::AssessmentVerifier& verifier) {
  Admission admission;
  const bool assessed = !request.signed_assessment().empty();
  if (assessed) {
    LUMBAR_ASSIGN_OR_RETURN(admission, AdmitAssessed(request.signed_assessment(), request.patient(), verifier));
  }
  const bool overridden = !request.override_reason().empty();
  if (overridden && context.caller().role != options::v1::ROLE_STAFF) return OverrideStaffOnly();
  if (overridden) {
    context.NoteAuditEvent(kOverrideAuditEvent);
    admission.act_by = absl::InfiniteFuture();
  }
  if (!assessed && !overridden) return AssessmentRequired();
  return admission;
}

}  // namespace lumbar::booking
