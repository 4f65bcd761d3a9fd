// A visit's day and time in words, in its reader's zone.
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

enum class Reader { kPatient, kClinician };

// In English. In the reader's zone; if this machine doesn't know it, in the other's, else in UTC.
VisitTime VisitTimeOf(const booking::v1::Appointment& appointment, Reader reader = Reader::kPatient);

// The time of day of `time`, e.g. "2:30 PM EDT", in the zone that VisitTimeOf would take.
std::string ClockTime(const google::protobuf::Timestamp& time, const booking::v1::Appointment& appointment);

}  // namespace lumbar::notification
