// How a consult fails; one function per failure.
#pragma once

#include <absl/status/status.h>

namespace lumbar::gateway {

// NOT_FOUND/CONSULT_NOT_FOUND.
absl::Status ConsultNotFound();
// FAILED_PRECONDITION/EMERGENCY_NOT_BOOKABLE.
absl::Status EmergencyNotBookable();
// FAILED_PRECONDITION/EMERGENCY_STANDS: an emergency isn't called off by a click; only new answers say otherwise.
absl::Status EmergencyStands();
// FAILED_PRECONDITION/NOT_OFFERED.
absl::Status NotOffered();
// FAILED_PRECONDITION/TIME_CHOSEN: one is being booked, or is.
absl::Status TimeChosen();
// FAILED_PRECONDITION/NOT_ESCALATED.
absl::Status NotEscalated();
// FAILED_PRECONDITION/TAKEN_ON.
absl::Status TakenOn();
// PERMISSION_DENIED/NOT_YOURS: a clinician who has no part in the consult.
absl::Status NotYourConsult();
// PERMISSION_DENIED/NOT_YOURS: a clinician whose grant it isn't.
absl::Status NotYourGrant();
// NOT_FOUND/ACCESS_GRANT_NOT_FOUND.
absl::Status AccessGrantNotFound();
// RESOURCE_EXHAUSTED/TOO_MANY_GRANTS.
absl::Status TooManyGrants();
// FAILED_PRECONDITION/NOT_DECLINABLE.
absl::Status NotDeclinable();
// FAILED_PRECONDITION/VISIT_BEGUN.
absl::Status VisitBegun();
// FAILED_PRECONDITION/CONSULT_OVER.
absl::Status ConsultOver();
// FAILED_PRECONDITION/CONSULT_BUSY: a time is being booked, or given up, at this moment.
absl::Status ConsultBusy();
// DEADLINE_EXCEEDED/DEADLINE_TOO_SHORT: the caller waits too short a time for triage to answer; nothing was stored.
absl::Status DeadlineTooShort();
// OUT_OF_RANGE/RESUME_TOKEN_TOO_OLD: what came after it may not be kept any more.
absl::Status ResumeTokenTooOld();
// ABORTED/CHANGED_MEANWHILE.
absl::Status ChangedMeanwhile();

}  // namespace lumbar::gateway
