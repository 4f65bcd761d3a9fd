// Every way booking says no. One function per failure: the message is for a person and says what to do next, the reason
// is for a program and stays. No message holds patient data: a state, an age or a level never appears.
#pragma once

#include <absl/status/status.h>
#include <absl/strings/string_view.h>

namespace lumbar::booking {

// FAILED_PRECONDITION/EMERGENCY_NOT_BOOKABLE: a video visit would lose time that the patient doesn't have.
absl::Status EmergencyNotBookable();
// FAILED_PRECONDITION/ASSESSMENT_REQUIRED: neither a signed assessment nor a staff override came along.
absl::Status AssessmentRequired();
// PERMISSION_DENIED/OVERRIDE_STAFF_ONLY: somebody else than staff gave an override_reason.
absl::Status OverrideStaffOnly();
// FAILED_PRECONDITION/AFTER_ACT_BY: the visit would begin later than the assessment allows.
absl::Status AfterActBy();
// FAILED_PRECONDITION/NOT_ELIGIBLE; `why` completes "that clinician can't take this visit: ...".
absl::Status NotEligible(absl::string_view why);
// FAILED_PRECONDITION/NOT_A_SLOT: the schedule has no visit at that time.
absl::Status NotASlot();
// FAILED_PRECONDITION/NOT_A_SLOT: the time is over.
absl::Status SlotInThePast();
// FAILED_PRECONDITION/NOT_A_SLOT: sooner than that kind of visit may be booked.
absl::Status SlotTooSoon();
// FAILED_PRECONDITION/NOT_A_SLOT: further ahead than that kind of visit is offered.
absl::Status SlotBeyondHorizon();
// FAILED_PRECONDITION/DAY_FULL: the clinician has as many visits on that day as the daily limit allows.
absl::Status DayFull();
// ALREADY_EXISTS/SLOT_TAKEN: another live hold or appointment overlaps, buffers included.
absl::Status SlotTaken();
// RESOURCE_EXHAUSTED/TOO_MANY_HOLDS: the patient has as many live holds as allowed.
absl::Status TooManyHolds();

// NOT_FOUND/HOLD_NOT_FOUND.
absl::Status HoldNotFound();
// FAILED_PRECONDITION/HOLD_CONFIRMED: it is an appointment now.
absl::Status HoldConfirmed();
// FAILED_PRECONDITION/HOLD_EXPIRED.
absl::Status HoldExpired();
// FAILED_PRECONDITION/HOLD_RELEASED.
absl::Status HoldReleased();

// NOT_FOUND/APPOINTMENT_NOT_FOUND.
absl::Status AppointmentNotFound();
// FAILED_PRECONDITION/NOT_BOOKED: it is over, was called off, or the patient is in the visit.
absl::Status NotBooked();
// FAILED_PRECONDITION/VISIT_BEGUN: too late to move it.
absl::Status VisitBegun();
// FAILED_PRECONDITION/TOO_EARLY: what can only be said of a visit that has begun.
absl::Status NotBegun();
// FAILED_PRECONDITION/TOO_EARLY: to say that the patient didn't come.
absl::Status MayStillCome();
// ABORTED/ETAG_MISMATCH: changed since the caller read it.
absl::Status EtagMismatch();

// FAILED_PRECONDITION/TOO_EARLY: to check in.
absl::Status CheckInNotOpen();
// FAILED_PRECONDITION/TOO_EARLY: to join.
absl::Status RoomNotOpen();
// PERMISSION_DENIED/NOT_YOURS: a clinician wants into another clinician's visit, or to end it.
absl::Status NotYourVisit();
// PERMISSION_DENIED/PRACTICE_ONLY: a patient says that the practice calls the visit off.
absl::Status PracticeOnly();
// FAILED_PRECONDITION/VIDEO_NOT_CONFIGURED: started without video rooms.
absl::Status VideoNotConfigured();
// INVALID_ARGUMENT/VIDEO_REFUSED, for whoever starts the service.
absl::Status VideoRefused(absl::string_view why);

// FAILED_PRECONDITION/CALENDAR_NOT_CONFIGURED: started without an organizer.
absl::Status CalendarNotConfigured();
// FAILED_PRECONDITION/CLINICIAN_EMAIL_MISSING: a calendar file names its party by e-mail.
absl::Status ClinicianEmailMissing();
// INVALID_ARGUMENT/INVALID_FIELD: a service must say whose file it wants.
absl::Status CalendarPartyMissing();
// PERMISSION_DENIED/NOT_YOURS: the other party's calendar file.
absl::Status NotYourCalendarFile();
// PERMISSION_DENIED/CALENDAR_LINK_INVALID: also for an appointment that doesn't exist.
absl::Status CalendarLinkInvalid();
// PERMISSION_DENIED/CALENDAR_LINK_EXPIRED.
absl::Status CalendarLinkExpired();
// INVALID_ARGUMENT/CALENDAR_REFUSED, for whoever starts the service.
absl::Status CalendarRefused(absl::string_view why);

// NOT_FOUND/PRICE_NOT_FOUND: no fee for that kind of visit.
absl::Status PriceNotFound();
// FAILED_PRECONDITION/PRICES_NOT_CONFIGURED: started without a fee schedule.
absl::Status PricesNotConfigured();
// INVALID_ARGUMENT/FEE_SCHEDULE_REFUSED, for whoever starts the service.
absl::Status FeeScheduleRefused(absl::string_view path, absl::string_view why);

// FAILED_PRECONDITION/UNKNOWN_ZONE: this machine's tzdata doesn't know a clinician's zone any more.
absl::Status UnknownZone();
// NOT_FOUND/CLINICIAN_NOT_FOUND.
absl::Status ClinicianNotFound();
// ALREADY_EXISTS/CLINICIAN_EXISTS.
absl::Status ClinicianExists();

// NOT_FOUND/WAITLIST_ENTRY_NOT_FOUND.
absl::Status WaitlistEntryNotFound();
// ALREADY_EXISTS/ALREADY_WAITING: the patient waits for that kind of visit.
absl::Status AlreadyWaiting();
// RESOURCE_EXHAUSTED/TOO_MANY_WAITLIST_ENTRIES.
absl::Status TooManyWaitlistEntries();
// FAILED_PRECONDITION/NOT_WAITING: the entry is over.
absl::Status NotWaiting();
// FAILED_PRECONDITION/NO_OFFER: nothing is on offer to the patient.
absl::Status NoOffer();
// FAILED_PRECONDITION/OFFER_EXPIRED.
absl::Status OfferExpired();

// OUT_OF_RANGE/RESUME_TOKEN_TOO_OLD: the changes since then aren't kept any more.
absl::Status ResumeTokenTooOld();

}  // namespace lumbar::booking
