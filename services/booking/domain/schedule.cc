#include "services/booking/domain/schedule.h"

#include <absl/time/civil_time.h>

#include <algorithm>

#include "common/time/proto_time.h"

namespace lumbar::booking {
namespace {

// Seconds of wall-clock time since the day's midnight; 24:00 is 86,400.
int64_t SecondsOfDay(const google::type::TimeOfDay& time) { return time.hours() * 3600 + time.minutes() * 60; }

google::type::DayOfWeek DayOf(absl::CivilDay day) {
  // Both count from Monday; Google's type begins with 1.
  return static_cast<google::type::DayOfWeek>(static_cast<int>(absl::GetWeekday(day)) + 1);
}

// When a stretch that ends at this wall-clock time is over.
absl::Time EndOf(absl::TimeZone zone, absl::CivilSecond local) {
  const absl::TimeZone::TimeInfo found = zone.At(local);
  return found.kind == absl::TimeZone::TimeInfo::SKIPPED ? found.trans : found.pre;
}

bool OnGrid(absl::Time time) { return absl::ToUnixMicros(time) % absl::ToInt64Microseconds(kGrid) == 0; }

}  // namespace

const v1::VisitType* FindVisitType(const v1::Clinician& clinician, absl::string_view code) {
  const auto& types = clinician.visit_types();
  const auto found = std::find_if(types.begin(), types.end(), [&](const auto& type) { return type.code() == code; });
  return found == types.end() ? nullptr : &*found;
}

Interval WithBuffers(const Interval& visit, const v1::VisitType& type) {
  return {visit.start - FromProto(type.buffer_before()), visit.end + FromProto(type.buffer_after())};
}

std::optional<Schedule> Schedule::Of(const v1::Clinician& clinician, const v1::VisitType& type) {
  absl::TimeZone zone;
  if (!absl::LoadTimeZone(clinician.time_zone(), &zone)) return std::nullopt;
  return Schedule(clinician, type, zone);
}

Schedule::Schedule(const v1::Clinician& clinician, const v1::VisitType& type, absl::TimeZone zone)
    : clinician_(&clinician),
      zone_(zone),
      duration_(FromProto(type.duration())),
      step_seconds_(
          absl::ToInt64Seconds(FromProto(type.buffer_before()) + duration_ + FromProto(type.buffer_after()))) {}

std::vector<Interval> Schedule::Visits(absl::Time first, absl::Time last) const {
  std::vector<Interval> visits;
  // A day more on each side, because a clock change at midnight can repeat the end of the day before.
  const absl::CivilDay end = absl::ToCivilDay(last, zone_) + 1;
  for (absl::CivilDay day = absl::ToCivilDay(first, zone_) - 1; day <= end; ++day) AppendDay(day, first, last, visits);
  std::sort(visits.begin(), visits.end(), [](const Interval& a, const Interval& b) { return a.start < b.start; });
  return visits;
}

std::optional<Interval> Schedule::VisitAt(absl::Time start) const {
  const std::vector<Interval> visits = Visits(start, start);
  if (visits.empty()) return std::nullopt;
  return visits.front();
}

void Schedule::AppendDay(absl::CivilDay day, absl::Time first, absl::Time last, std::vector<Interval>& visits) const {
  const absl::CivilSecond midnight(day);
  for (const v1::WeeklyHours& hours : clinician_->weekly_hours()) {
    if (hours.day() != DayOf(day)) continue;
    const int64_t closing_second = SecondsOfDay(hours.end());
    const absl::Time closing = EndOf(zone_, midnight + closing_second);
    for (int64_t second = SecondsOfDay(hours.start()); second < closing_second; second += step_seconds_) {
      const absl::TimeZone::TimeInfo local = zone_.At(midnight + second);
      if (local.kind == absl::TimeZone::TimeInfo::SKIPPED) continue;
      const Interval visit{local.pre, local.pre + duration_};
      if (visit.end > closing || !OnGrid(visit.start)) continue;
      if (visit.start >= first && visit.start <= last) visits.push_back(visit);
    }
  }
}

}  // namespace lumbar::booking
