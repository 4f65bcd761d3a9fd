// A visit's day and time in words, in the patient's zone.
#pragma once

#include <absl/time/time.h>

#include <string>

#include "lumbar/booking/v1/appointment.pb.h"

namespace lumbar::notification {

struct VisitTime {
  std::string day;   // "Tuesday, March 10, 2026"
  std::string time;  // "2:30 PM EDT"; always with its zone
  std::string minutes;
};

// In English. In the patient's zone; if this machine doesn't know it, in the clinician's, else in UTC.
VisitTime VisitTimeOf(const booking::v1::Appointment& appointment);

}  // namespace lumbar::notification
