#include "services/gateway/consult/domain/errors.h"

#include "common/status/errors.h"

namespace lumbar::gateway {

absl::Status ConsultNotFound() {
  return WithReason(absl::NotFoundError("there is no such consult; list yours to see their names"),
                    "CONSULT_NOT_FOUND");
}

absl::Status EmergencyNotBookable() {
  return WithReason(absl::FailedPreconditionError(
                        "this sounds like an emergency, so no video visit can be booked for it: call 911 or "
                        "go to the nearest emergency room now"),
                    "EMERGENCY_NOT_BOOKABLE");
}

absl::Status EmergencyStands() {
  return WithReason(
      absl::FailedPreconditionError("this stays an emergency until new answers say otherwise: call 911 or go "
                                    "to the nearest emergency room now; if things were told wrongly, answer "
                                    "the questions again in a new consult"),
      "EMERGENCY_STANDS");
}

absl::Status NotOffered() {
  return WithReason(
      absl::FailedPreconditionError("that time isn't on offer; read the consult and choose one of its offers"),
      "NOT_OFFERED");
}

absl::Status TimeChosen() {
  return WithReason(absl::FailedPreconditionError("a time is chosen already; read the consult to see it"),
                    "TIME_CHOSEN");
}

absl::Status NotEscalated() {
  return WithReason(absl::FailedPreconditionError("this consult doesn't wait for the staff; read it to see its state"),
                    "NOT_ESCALATED");
}

absl::Status TakenOn() {
  return WithReason(absl::FailedPreconditionError("somebody else looks after this consult; staff can take it over"),
                    "TAKEN_ON");
}

absl::Status NotYourConsult() {
  return WithReason(
      absl::PermissionDeniedError("this consult is with somebody else; list your worklist to see which are yours"),
      "NOT_YOURS");
}

absl::Status NotYourGrant() {
  return WithReason(absl::PermissionDeniedError("this grant is somebody else's; the staff can revoke it"), "NOT_YOURS");
}

absl::Status AccessGrantNotFound() {
  return WithReason(absl::NotFoundError("there is no such grant; list grants to see their names"),
                    "ACCESS_GRANT_NOT_FOUND");
}

absl::Status TooManyGrants() {
  return WithReason(absl::ResourceExhaustedError("too many consults are open to you at once; revoke a grant that you "
                                                 "don't need any more, or ask the staff"),
                    "TOO_MANY_GRANTS");
}

absl::Status NotDeclinable() {
  return WithReason(
      absl::FailedPreconditionError("no visit with you is booked for this consult; read it to see its state"),
      "NOT_DECLINABLE");
}

absl::Status VisitBegun() {
  return WithReason(
      absl::FailedPreconditionError("the visit has begun, so it can't be declined any more; join the patient, or mark "
                                    "what became of it"),
      "VISIT_BEGUN");
}

absl::Status ConsultOver() {
  return WithReason(absl::FailedPreconditionError("this consult is over; request a new one"), "CONSULT_OVER");
}

absl::Status ConsultBusy() {
  auto status = WithReason(
      absl::FailedPreconditionError("this consult is being booked or routed right now; read it again in a moment"),
      "CONSULT_BUSY");
  return WithRetryDelay(std::move(status), absl::Seconds(2));
}

absl::Status DeadlineTooShort() {
  return WithReason(absl::DeadlineExceededError("the call's deadline is too near to triage by; allow it a few seconds"),
                    "DEADLINE_TOO_SHORT");
}

absl::Status ResumeTokenTooOld() {
  return WithReason(absl::OutOfRangeError("changes are kept for a day, and the token is older; list the consults anew "
                                          "and watch from now on"),
                    "RESUME_TOKEN_TOO_OLD");
}

absl::Status ChangedMeanwhile() {
  return WithReason(absl::AbortedError("the consult changed meanwhile; read it again"), "CHANGED_MEANWHILE");
}

}  // namespace lumbar::gateway
