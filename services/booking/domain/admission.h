// Who may hold a time at all: a patient whose signed assessment says that a video visit fits, or whom staff answer for.
#pragma once

#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include "common/auth/assessment_token.h"
#include "common/rpc/call_context.h"
#include "lumbar/booking/v1/booking_service.pb.h"

namespace lumbar::booking {

// What the audit calls a hold that staff answer for, instead of "hold.create".
inline constexpr absl::string_view kOverrideAuditEvent = "hold.create_override";

struct Admission {
  // LEVEL_UNSPECIFIED if staff answer for it.
  triage::v1::Level level = triage::v1::LEVEL_UNSPECIFIED;
  // Latest begin of the visit.
  absl::Time act_by = absl::InfiniteFuture();
};

// The booking's own rule for moving it without a new assessment: the latest begin. At a level with a deadline that
// wasn't kept (staff answered for the time), no later than it is.
absl::Time ActBy(const v1::Appointment& appointment);

// What `signed_assessment` allows `patient`, a resource name.
// FAILED_PRECONDITION/EMERGENCY_NOT_BOOKABLE: the signature holds and the level is an emergency.
// INVALID_ARGUMENT/ASSESSMENT_FORGED, FAILED_PRECONDITION/ASSESSMENT_*: see AssessmentVerifier.
absl::StatusOr<Admission> AdmitAssessed(absl::string_view signed_assessment, absl::string_view patient,
                                        const auth::AssessmentVerifier& verifier);

// Whether triage sent `patient` to an emergency room. Fails as AdmitAssessed for what isn't a genuine assessment.
absl::StatusOr<bool> IsEmergency(absl::string_view signed_assessment, absl::string_view patient,
                                 const auth::AssessmentVerifier& verifier);

// Judges the assessment before anything else is looked at.
// FAILED_PRECONDITION/EMERGENCY_NOT_BOOKABLE: the signature holds and the level is an emergency, override or not.
// INVALID_ARGUMENT/ASSESSMENT_FORGED, FAILED_PRECONDITION/ASSESSMENT_*: see AssessmentVerifier.
// FAILED_PRECONDITION/ASSESSMENT_REQUIRED: no assessment, and no override.
// PERMISSION_DENIED/OVERRIDE_STAFF_ONLY: an override_reason from another role than staff.
// With an override, a genuine assessment's deadline doesn't bind, and the call is audited as kOverrideAuditEvent.
absl::StatusOr<Admission> Admit(const rpc::CallContext& context, const v1::CreateHoldRequest& request,
                                const auth::AssessmentVerifier& verifier);

}  // namespace lumbar::booking
