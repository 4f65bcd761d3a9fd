#include "services/booking/errors.h"

#include <absl/strings/str_cat.h>

#include "common/status/errors.h"

namespace lumbar::booking {

absl::Status EmergencyNotBookable() {
  return WithReason(absl::FailedPreconditionError("these symptoms can't wait for a video visit: call 911 or go to the "
                                                  "nearest emergency room now"),
                    "EMERGENCY_NOT_BOOKABLE");
}

absl::Status AssessmentRequired() {
  return WithReason(absl::FailedPreconditionError("answer the triage questions first and send the signed assessment"),
                    "ASSESSMENT_REQUIRED");
}

absl::Status OverrideStaffOnly() {
  return WithReason(absl::PermissionDeniedError("only clinic staff may book without an assessment; leave out "
                                                "override_reason and send the signed assessment"),
                    "OVERRIDE_STAFF_ONLY");
}

absl::Status AfterActBy() {
  return WithReason(
      absl::FailedPreconditionError("that time is later than the assessment allows; choose an earlier one"),
      "AFTER_ACT_BY");
}

absl::Status NotEligible(absl::string_view why) {
  return WithReason(absl::FailedPreconditionError(
                        absl::StrCat("that clinician can't take this visit: ", why, "; search again for one who can")),
                    "NOT_ELIGIBLE");
}

absl::Status NotASlot() {
  return WithReason(absl::FailedPreconditionError("the clinician doesn't offer that time; choose one from the search"),
                    "NOT_A_SLOT");
}

absl::Status SlotInThePast() {
  return WithReason(absl::FailedPreconditionError("that time has begun or is over; choose a later one"), "NOT_A_SLOT");
}

absl::Status SlotTooSoon() {
  return WithReason(
      absl::FailedPreconditionError("the clinician needs more notice for that visit; choose a later time"),
      "NOT_A_SLOT");
}

absl::Status SlotBeyondHorizon() {
  return WithReason(absl::FailedPreconditionError("that visit can't be booked so far ahead; choose an earlier time"),
                    "NOT_A_SLOT");
}

absl::Status DayFull() {
  return WithReason(
      absl::FailedPreconditionError("the clinician sees no more patients on that day; choose another day"), "DAY_FULL");
}

absl::Status SlotTaken() {
  return WithReason(absl::AlreadyExistsError("that time was just taken; choose another"), "SLOT_TAKEN");
}

absl::Status TooManyHolds() {
  return WithReason(absl::ResourceExhaustedError("too many times are held for this patient; confirm or release one"),
                    "TOO_MANY_HOLDS");
}

absl::Status HoldNotFound() {
  return WithReason(absl::NotFoundError("there is no such hold; choose a time again"), "HOLD_NOT_FOUND");
}

absl::Status HoldConfirmed() {
  return WithReason(absl::FailedPreconditionError("that hold is an appointment now; cancel the appointment instead"),
                    "HOLD_CONFIRMED");
}

absl::Status HoldExpired() {
  return WithReason(absl::FailedPreconditionError("the hold ran out; choose a time again"), "HOLD_EXPIRED");
}

absl::Status HoldReleased() {
  return WithReason(absl::FailedPreconditionError("the hold was given back; choose a time again"), "HOLD_RELEASED");
}

absl::Status AppointmentNotFound() {
  return WithReason(absl::NotFoundError("there is no such appointment"), "APPOINTMENT_NOT_FOUND");
}

absl::Status NotBooked() {
  return WithReason(
      absl::FailedPreconditionError("the appointment is over, was called off or has the patient in it; read "
                                    "it again and choose a step that its state allows"),
      "NOT_BOOKED");
}

absl::Status VisitBegun() {
  return WithReason(absl::FailedPreconditionError("the visit has begun and can't be moved; join it, or book another"),
                    "VISIT_BEGUN");
}

absl::Status NotBegun() {
  return WithReason(absl::FailedPreconditionError("the visit hasn't begun; try again then, or cancel it"), "TOO_EARLY");
}

absl::Status MayStillCome() {
  return WithReason(absl::FailedPreconditionError("the patient may still come; wait ten minutes from the begin"),
                    "TOO_EARLY");
}

absl::Status EtagMismatch() {
  return WithReason(absl::AbortedError("it was changed meanwhile; read it again and repeat the change"),
                    "ETAG_MISMATCH");
}

absl::Status CheckInNotOpen() {
  return WithReason(absl::FailedPreconditionError("check-in opens 60 minutes before the visit; try again then"),
                    "TOO_EARLY");
}

absl::Status RoomNotOpen() {
  return WithReason(absl::FailedPreconditionError("the room opens 15 minutes before the visit; try again then"),
                    "TOO_EARLY");
}

absl::Status NotYourVisit() {
  return WithReason(absl::PermissionDeniedError("this visit is with another clinician; choose one of your own"),
                    "NOT_YOURS");
}

absl::Status PracticeOnly() {
  return WithReason(absl::PermissionDeniedError("only the practice may say that it calls the visit off; leave out "
                                                "by_practice"),
                    "PRACTICE_ONLY");
}

absl::Status VideoNotConfigured() {
  return WithReason(absl::FailedPreconditionError("this clinic has no video rooms here; ask the clinic how to meet"),
                    "VIDEO_NOT_CONFIGURED");
}

absl::Status VideoRefused(absl::string_view why) {
  return WithReason(absl::InvalidArgumentError(why), "VIDEO_REFUSED");
}

absl::Status CalendarNotConfigured() {
  return WithReason(absl::FailedPreconditionError("this clinic makes no calendar files here; write the visit down"),
                    "CALENDAR_NOT_CONFIGURED");
}

absl::Status ClinicianEmailMissing() {
  return WithReason(
      absl::FailedPreconditionError("the clinician has no e-mail address, which a calendar file needs; add "
                                    "one to the clinician"),
      "CLINICIAN_EMAIL_MISSING");
}

absl::Status CalendarPartyMissing() {
  return WithViolation(WithReason(absl::InvalidArgumentError("say whose calendar the file is for"), "INVALID_FIELD"),
                       "party", "is needed from a service");
}

absl::Status NotYourCalendarFile() {
  return WithReason(absl::PermissionDeniedError("that file is for the other party's calendar; leave out party"),
                    "NOT_YOURS");
}

absl::Status CalendarLinkInvalid() {
  return WithReason(absl::PermissionDeniedError("this link isn't a calendar's; take a new one from the visit"),
                    "CALENDAR_LINK_INVALID");
}

absl::Status CalendarLinkExpired() {
  return WithReason(absl::PermissionDeniedError("this link has ended, 30 days after the visit"),
                    "CALENDAR_LINK_EXPIRED");
}

absl::Status CalendarRefused(absl::string_view why) {
  return WithReason(absl::InvalidArgumentError(why), "CALENDAR_REFUSED");
}

absl::Status PriceNotFound() {
  return WithReason(absl::NotFoundError("the clinic has no fee for that kind of visit; ask the clinic"),
                    "PRICE_NOT_FOUND");
}

absl::Status PricesNotConfigured() {
  return WithReason(absl::FailedPreconditionError("this clinic quotes no prices here; ask the clinic"),
                    "PRICES_NOT_CONFIGURED");
}

absl::Status FeeScheduleRefused(absl::string_view path, absl::string_view why) {
  return WithReason(absl::InvalidArgumentError(absl::StrCat("the fee schedule ", path, " ", why)),
                    "FEE_SCHEDULE_REFUSED");
}

absl::Status UnknownZone() {
  return WithReason(
      absl::FailedPreconditionError("the server doesn't know the clinician's time zone; ask its operator"),
      "UNKNOWN_ZONE");
}

absl::Status ClinicianNotFound() {
  return WithReason(absl::NotFoundError("there is no such clinician"), "CLINICIAN_NOT_FOUND");
}

absl::Status ClinicianExists() {
  return WithReason(absl::AlreadyExistsError("a clinician of that id is there already; choose another id"),
                    "CLINICIAN_EXISTS");
}

absl::Status WaitlistEntryNotFound() {
  return WithReason(absl::NotFoundError("there is no such place on the waitlist"), "WAITLIST_ENTRY_NOT_FOUND");
}

absl::Status AlreadyWaiting() {
  return WithReason(absl::AlreadyExistsError("the patient waits for that kind of visit already; leave that place first "
                                             "to change what is wanted"),
                    "ALREADY_WAITING");
}

absl::Status TooManyWaitlistEntries() {
  return WithReason(
      absl::ResourceExhaustedError("the patient waits for too many kinds of visits; leave one place first"),
      "TOO_MANY_WAITLIST_ENTRIES");
}

absl::Status NotWaiting() {
  return WithReason(absl::FailedPreconditionError("that place on the waitlist is over; join again to wait on"),
                    "NOT_WAITING");
}

absl::Status NoOffer() {
  return WithReason(absl::FailedPreconditionError("no time is on offer now; you'll be told when one comes free"),
                    "NO_OFFER");
}

absl::Status OfferExpired() {
  return WithReason(absl::FailedPreconditionError("the offer ran out and the time went to the next; wait for another"),
                    "OFFER_EXPIRED");
}

absl::Status ResumeTokenTooOld() {
  return WithReason(absl::OutOfRangeError("changes are kept for seven days, and the token is older; list the "
                                          "appointments anew and watch from now on"),
                    "RESUME_TOKEN_TOO_OLD");
}

}  // namespace lumbar::booking
