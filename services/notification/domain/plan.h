// Which messages an appointment's change asks for.
#pragma once

#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include <vector>

#include "lumbar/booking/v1/appointment.pb.h"
#include "lumbar/notification/v1/message.pb.h"

namespace lumbar::notification {

// Why a message wasn't sent.
inline constexpr absl::string_view kAppointmentCancelled = "APPOINTMENT_CANCELLED";
inline constexpr absl::string_view kSuperseded = "SUPERSEDED";
inline constexpr absl::string_view kVisitBegun = "VISIT_BEGUN";

struct PlannedMessage {
  v1::MessageKind kind;
  absl::Time due;

  friend bool operator==(const PlannedMessage&, const PlannedMessage&) = default;
};

struct Plan {
  // Why what is queued for an earlier version of the appointment is dropped.
  absl::string_view drop_reason;
  // In the order of their time.
  std::vector<PlannedMessage> messages;
};

// What to do once `appointment` is as it is:
//   booked      a confirmation now, and those reminders whose time lies ahead; nothing once the visit has begun
//   cancelled   a cancellation now
//   otherwise   nothing
Plan PlanFor(const booking::v1::Appointment& appointment, absl::Time now);

// Why a message of `kind` for a visit that begins at `start` is wrong at `now`, or "" if it isn't.
absl::string_view WhyTooLate(v1::MessageKind kind, absl::Time start, absl::Time now);

}  // namespace lumbar::notification
