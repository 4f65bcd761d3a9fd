// Appointments for tests.
#pragma once

#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include "lumbar/booking/v1/appointment.pb.h"

namespace lumbar::notification {

inline constexpr char kSampleName[] = "appointments/6f1b1f0e-0000-4000-8000-000000000001";

// Version 1, booked: half an hour from `start`, of a patient in New York.
booking::v1::Appointment SampleAppointment(absl::Time start, absl::string_view name = kSampleName);

// The same in the next version.
booking::v1::Appointment NextVersion(booking::v1::Appointment appointment, booking::v1::AppointmentState state);

// An offer to the same patient of half an hour from `start`, which stands until `expires`.
booking::v1::WaitlistEntry SampleOffer(absl::Time start, absl::Time expires);

}  // namespace lumbar::notification
