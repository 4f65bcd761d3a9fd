// What a webhook says of a message. It names no patient: who may know asks booking.
#pragma once

#include <string>

#include "lumbar/booking/v1/appointment.pb.h"
#include "lumbar/notification/v1/message.pb.h"

namespace lumbar::notification {

// {"type": "appointment.booked", "timestamp": due, "data": {"message", "appointment", "appointmentVersion",
// "clinician", "startTime", "endTime"}}, times in RFC 3339; the type is the event's kind. The same for every try.
std::string WebhookPayload(const v1::Message& message, const booking::v1::Appointment& appointment);

}  // namespace lumbar::notification
