// A visit's day and time in words, in its reader's language and zone.
#pragma once

#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include <string>

#include "lumbar/booking/v1/appointment.pb.h"

namespace lumbar::notification {

struct VisitTime {
  std::string day;        // "Tuesday, March 10, 2026", "martes, 10 de marzo de 2026"
  std::string short_day;  // "Tuesday, March 10"
  std::string time;       // "2:30 PM EDT", "2:30 p.m. EDT"; always with its zone
  std::string minutes;
};

enum class Reader { kPatient, kClinician };

// The zone that `name` names; if this machine doesn't know it, `other`'s, else UTC.
absl::TimeZone ZoneOr(const std::string& name, const std::string& other);

// In the reader's zone; if this machine doesn't know it, in the other's, else in UTC. `language` is "en" or "es".
VisitTime VisitTimeOf(const booking::v1::Appointment& appointment, Reader reader = Reader::kPatient,
                      absl::string_view language = "en");

// The day of `time` in `zone`, without its year.
std::string ShortDay(absl::Time time, absl::TimeZone zone, absl::string_view language);

// The time of day of `time`, e.g. "2:30 PM EDT", in the zone that VisitTimeOf would take.
std::string ClockTime(const google::protobuf::Timestamp& time, const booking::v1::Appointment& appointment,
                      absl::string_view language = "en");

}  // namespace lumbar::notification
