// The steps of a hold and of an appointment: which are legal, and what they make of it. Pure functions; the stores call
// them inside the transaction that saves the result, with the time read there.
#pragma once

#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include "lumbar/booking/v1/appointment.pb.h"

namespace lumbar::booking {

// `hold` as it is at `now`: an active one whose time ran out is expired, although nobody wrote that down.
v1::Hold AsOf(v1::Hold hold, absl::Time now);

// The appointment that `hold` becomes at `now`, under the given name.
// FAILED_PRECONDITION: HOLD_EXPIRED, HOLD_RELEASED, HOLD_CONFIRMED.
absl::StatusOr<v1::Appointment> Confirm(const v1::Hold& hold, absl::string_view name, absl::Time now);

// `hold` after it was given back at `now`; one that is gone already stays as it is.
// FAILED_PRECONDITION/HOLD_CONFIRMED: it is an appointment now.
absl::StatusOr<v1::Hold> Release(const v1::Hold& hold, absl::Time now);

// What can be done with an appointment.
enum class Step { kReschedule, kCancel, kCheckIn, kJoin, kComplete, kMarkNoShow };

struct Transition {
  v1::AppointmentState from;
  Step step;
  v1::AppointmentState to;
};

// Every legal step of an appointment; what isn't here is refused. Who is through (CANCELLED, COMPLETED, NO_SHOW) stays
// so, and a patient who is in the visit can't be called off, moved or missed any more. Who checked in and left again
// can.
inline constexpr Transition kTransitions[] = {
    {v1::APPOINTMENT_STATE_BOOKED, Step::kReschedule, v1::APPOINTMENT_STATE_BOOKED},
    {v1::APPOINTMENT_STATE_BOOKED, Step::kCancel, v1::APPOINTMENT_STATE_CANCELLED},
    {v1::APPOINTMENT_STATE_BOOKED, Step::kCheckIn, v1::APPOINTMENT_STATE_CHECKED_IN},
    {v1::APPOINTMENT_STATE_BOOKED, Step::kJoin, v1::APPOINTMENT_STATE_IN_VISIT},
    {v1::APPOINTMENT_STATE_BOOKED, Step::kComplete, v1::APPOINTMENT_STATE_COMPLETED},
    {v1::APPOINTMENT_STATE_BOOKED, Step::kMarkNoShow, v1::APPOINTMENT_STATE_NO_SHOW},
    {v1::APPOINTMENT_STATE_CHECKED_IN, Step::kReschedule, v1::APPOINTMENT_STATE_BOOKED},
    {v1::APPOINTMENT_STATE_CHECKED_IN, Step::kCancel, v1::APPOINTMENT_STATE_CANCELLED},
    {v1::APPOINTMENT_STATE_CHECKED_IN, Step::kCheckIn, v1::APPOINTMENT_STATE_CHECKED_IN},
    {v1::APPOINTMENT_STATE_CHECKED_IN, Step::kJoin, v1::APPOINTMENT_STATE_IN_VISIT},
    {v1::APPOINTMENT_STATE_CHECKED_IN, Step::kComplete, v1::APPOINTMENT_STATE_COMPLETED},
    {v1::APPOINTMENT_STATE_CHECKED_IN, Step::kMarkNoShow, v1::APPOINTMENT_STATE_NO_SHOW},
    {v1::APPOINTMENT_STATE_IN_VISIT, Step::kCheckIn, v1::APPOINTMENT_STATE_IN_VISIT},
    {v1::APPOINTMENT_STATE_IN_VISIT, Step::kJoin, v1::APPOINTMENT_STATE_IN_VISIT},
    {v1::APPOINTMENT_STATE_IN_VISIT, Step::kComplete, v1::APPOINTMENT_STATE_COMPLETED},
};

// `appointment` after `step` at `now`, with the next version. An empty `etag` fits every version.
// FAILED_PRECONDITION/NOT_BOOKED: kTransitions doesn't have the step. ABORTED/ETAG_MISMATCH: changed meanwhile.
absl::StatusOr<v1::Appointment> Advance(const v1::Appointment& appointment, Step step, absl::string_view etag,
                                        absl::Time now);

// `appointment` with the version that its move at `now` makes; the caller puts the new slot in. Whoever had checked in
// hasn't for the new time. As Advance, and
// FAILED_PRECONDITION/VISIT_BEGUN: it began, so that moving it would hide who didn't come.
absl::StatusOr<v1::Appointment> Reschedule(const v1::Appointment& appointment, absl::string_view etag, absl::Time now);

// How calling a visit off is judged.
struct CancellationTerms {
  // Later than this before the begin is late.
  absl::Duration window;
  // What waives the fee.
  v1::FeeWaiver waiver = v1::FEE_WAIVER_UNSPECIFIED;
};

// `appointment` after it was called off at `now`. As Advance; a visit that is over is NOT_BOOKED too.
absl::StatusOr<v1::Appointment> Cancel(const v1::Appointment& appointment, absl::string_view etag,
                                       const CancellationTerms& terms, absl::Time now);

// How long before the begin patients may check in.
inline constexpr absl::Duration kCheckInOpensBefore = absl::Minutes(60);

// `appointment` after the patient was there at `now`; whoever has checked in or is in the visit stays so, without a new
// version. As Advance; a visit that is over is NOT_BOOKED too. FAILED_PRECONDITION/TOO_EARLY: check-in isn't open yet.
absl::StatusOr<v1::Appointment> CheckIn(const v1::Appointment& appointment, absl::string_view etag, absl::Time now);

// How long before the begin a visit's room opens, and how long after the end it closes.
inline constexpr absl::Duration kRoomOpensBefore = absl::Minutes(15);
inline constexpr absl::Duration kRoomClosesAfter = absl::Minutes(15);

// `appointment` after the patient joined at `now`, which is a check-in too if there was none; whoever is in the visit
// stays in it, without a new version. As Advance; a room that closed is NOT_BOOKED too. FAILED_PRECONDITION/TOO_EARLY:
// the room isn't open yet.
absl::StatusOr<v1::Appointment> Join(const v1::Appointment& appointment, absl::Time now);

// `appointment` after the visit was done at `now`. As Advance, and FAILED_PRECONDITION/TOO_EARLY: it hasn't begun.
absl::StatusOr<v1::Appointment> Complete(const v1::Appointment& appointment, absl::string_view etag, absl::Time now);

// How long the practice waits for a patient.
inline constexpr absl::Duration kPatience = absl::Minutes(10);

// `appointment` after nobody came. As Advance, and FAILED_PRECONDITION/TOO_EARLY: before kPatience is over, or the
// visit.
absl::StatusOr<v1::Appointment> MarkNoShow(const v1::Appointment& appointment, absl::string_view etag, absl::Time now);

}  // namespace lumbar::booking
