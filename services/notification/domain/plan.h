// Which messages an appointment's change asks for.
#pragma once

#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include <string>
#include <vector>

#include "lumbar/booking/v1/appointment.pb.h"
#include "lumbar/notification/v1/message.pb.h"

namespace lumbar::notification {

// Why a message wasn't sent.
inline constexpr absl::string_view kAppointmentCancelled = "APPOINTMENT_CANCELLED";
inline constexpr absl::string_view kSuperseded = "SUPERSEDED";
inline constexpr absl::string_view kVisitBegun = "VISIT_BEGUN";
inline constexpr absl::string_view kOfferExpired = "OFFER_EXPIRED";
inline constexpr absl::string_view kNextReminderDue = "NEXT_REMINDER_DUE";

// The reminder of a day before is of no use any more so long before the visit: it would come together with the next.
inline constexpr absl::Duration kDayReminderEnds = absl::Hours(2);

struct PlannedMessage {
  v1::MessageKind kind;
  absl::Time due;
  // For whom; empty: for the patient.
  std::string clinician = {};
  // From then on it would be of no use.
  absl::Time expires = absl::InfiniteFuture();
  v1::Channel channel = v1::CHANNEL_EMAIL;

  friend bool operator==(const PlannedMessage&, const PlannedMessage&) = default;
};

struct Plan {
  // Why what is queued for an earlier version of the appointment is dropped.
  absl::string_view drop_reason;
  // In the order of their time.
  std::vector<PlannedMessage> messages;
  // If the visit has the clinician and the time that it had, what confirms it is as true as before: what of that is
  // still queued becomes this version's and isn't dropped.
  bool keeps_confirmations = false;
};

// What to do once `appointment` is as it is:
//   booked      a confirmation to patient and clinician now, and to the patient those reminders whose time lies ahead;
//               nothing once the visit has begun
//   cancelled   a cancellation to both now
//   otherwise   nothing; while the patient is there, what confirms the visit may still be on its way
Plan PlanFor(const booking::v1::Appointment& appointment, absl::Time now);

// What the clinic's own system is told of each version of an appointment: how it stands, once, now and by webhook.
PlannedMessage EventFor(const booking::v1::Appointment& appointment, absl::Time now);

// `messages`, and a cancellation now to the clinician who had the appointment before, if that is another than now; for
// a VisitOnOffer nothing more.
std::vector<PlannedMessage> WithFarewell(std::vector<PlannedMessage> messages, const std::string& former,
                                         const booking::v1::Appointment& appointment, absl::Time now);

// Whom it goes to.
bool IsForClinician(v1::MessageKind kind);
bool IsForStaff(v1::MessageKind kind);
bool IsForSystem(v1::MessageKind kind);
bool IsForPatient(v1::MessageKind kind);

// Whether it belongs to a conversation, or to the staff, and not to a visit: nothing makes it wrong later, and booking
// knows nothing of it.
bool IsOfConversation(v1::MessageKind kind);

// Whether a letter of `kind` confirms the visit; then it is as true once the patient is there.
bool Confirms(v1::MessageKind kind);
bool IsPatientThere(booking::v1::AppointmentState state);

// Whether a letter of `kind` changes what its reader's calendar has: then the visit's calendar file goes with it.
bool ChangesCalendar(v1::MessageKind kind);

// What to do once `entry` has an offer: tell the patient now, while it stands; otherwise nothing.
Plan PlanFor(const booking::v1::WaitlistEntry& entry, absl::Time now);
// A waitlist entry as messages see what they are about: a visit, at the time that is on offer.
booking::v1::Appointment VisitOnOffer(const booking::v1::WaitlistEntry& entry);

// Why `message` about a visit that begins at `start` is wrong at `now`, or "" if it isn't.
absl::string_view WhyTooLate(const v1::Message& message, absl::Time start, absl::Time now);

// For how long it will be of use at `now`: until the offer ends or the visit begins. Two hours if neither is to come:
// somebody waits for it, and hardly longer.
absl::Duration UsefulFor(const v1::Message& message, absl::Time start, absl::Time now);

}  // namespace lumbar::notification
