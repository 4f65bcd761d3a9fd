#include "services/notification/domain/visit_time.h"

#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>

#include <array>
#include <utility>

#include "common/time/proto_time.h"

namespace lumbar::notification {
namespace {

// The zone library would open any path that a name leads to, and takes "localtime" for this machine's zone.
bool IsPlainName(absl::string_view name) {
  return !name.empty() && name != "localtime" && !absl::StartsWith(name, "/") && !absl::StrContains(name, "..") &&
         !absl::StrContains(name, ":");
}

absl::TimeZone ZoneOf(const booking::v1::Appointment& appointment, Reader reader) {
  absl::TimeZone zone;
  std::array<std::string, 2> names = {appointment.contact().time_zone(), appointment.slot().time_zone()};
  if (reader == Reader::kClinician) std::swap(names[0], names[1]);
  for (const std::string& name : names) {
    if (IsPlainName(name) && absl::LoadTimeZone(name, &zone)) return zone;
  }
  return absl::UTCTimeZone();
}

}  // namespace

std::string ClockTime(const google::protobuf::Timestamp& time, const booking::v1::Appointment& appointment) {
  return absl::FormatTime("%-I:%M %p %Z", FromProto(time), ZoneOf(appointment, Reader::kPatient));
}

VisitTime VisitTimeOf(const booking::v1::Appointment& appointment, Reader reader) {
  const absl::TimeZone zone = ZoneOf(appointment, reader);
  const absl::Time start = FromProto(appointment.slot().start_time());
  const absl::Duration length = FromProto(appointment.slot().end_time()) - start;
  return {absl::FormatTime("%A, %B %-d, %Y", start, zone), absl::FormatTime("%-I:%M %p %Z", start, zone),
          absl::StrCat(absl::ToInt64Minutes(length))};
}

}  // namespace lumbar::notification
