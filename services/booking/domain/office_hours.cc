#include "services/booking/domain/office_hours.h"

#include <algorithm>

#include "common/time/proto_time.h"
#include "common/time/zone.h"

namespace lumbar::booking {
namespace {

// The moment at which this wall-clock time is first reached or passed.
absl::Time Reached(absl::TimeZone zone, absl::CivilSecond local) {
  const absl::TimeZone::TimeInfo found = zone.At(local);
  return found.kind == absl::TimeZone::TimeInfo::SKIPPED ? found.trans : found.pre;
}

// Both count from Monday; Google's type begins with 1.
size_t IndexOf(absl::CivilDay day) { return static_cast<size_t>(absl::GetWeekday(day)) + 1; }

template <typename Hours>
Stretch StretchOf(const Hours& hours) {
  return {SecondsOfDay(hours.start()), SecondsOfDay(hours.end())};
}

absl::CivilDay DayOfDate(const google::type::Date& date) {
  return absl::CivilDay(date.year(), date.month(), date.day());
}

}  // namespace

OpenStretch::OpenStretch(absl::TimeZone zone, absl::CivilDay day, const Stretch& stretch)
    : zone_(zone),
      day_(day),
      stretch_(stretch),
      open_{Reached(zone, absl::CivilSecond(day) + stretch.start), Reached(zone, absl::CivilSecond(day) + stretch.end)},
      bent_(open_.end - open_.start != absl::Seconds(stretch.end - stretch.start)) {}

bool OpenStretch::Holds(const Interval& visit) const {
  if (visit.start < open_.start || visit.end > open_.end) return false;
  if (!bent_) return true;
  const absl::CivilSecond first = absl::CivilSecond(day_) + stretch_.start,
                          last = absl::CivilSecond(day_) + stretch_.end;
  for (absl::Time time = visit.start; time < visit.end; time += kGrid) {
    const absl::CivilSecond local = absl::ToCivilSecond(time, zone_);
    if (local < first || local >= last) return false;
  }
  return true;
}

std::shared_ptr<const OfficeHours> OfficeHours::Of(const v1::Clinician& clinician) {
  const std::optional<absl::TimeZone> zone = FindZone(clinician.time_zone());
  if (!zone) return nullptr;
  std::shared_ptr<OfficeHours> made(new OfficeHours(*zone));
  for (const v1::WeeklyHours& hours : clinician.weekly_hours()) {
    made->weekly_.at(static_cast<size_t>(hours.day())).push_back(StretchOf(hours));
  }
  for (const v1::DateOverride& date : clinician.date_overrides()) {
    std::vector<Stretch>& stretches = made->dates_[DayOfDate(date.date())];
    for (const v1::LocalHours& hours : date.hours()) stretches.push_back(StretchOf(hours));
  }
  for (const v1::TimeOff& off : clinician.time_off()) {
    made->off_.push_back({FromProto(off.start_time()), FromProto(off.end_time())});
  }
  std::sort(made->off_.begin(), made->off_.end(), [](const auto& a, const auto& b) { return a.start < b.start; });
  return made;
}

absl::Span<const Stretch> OfficeHours::On(absl::CivilDay day) const {
  const auto date = dates_.find(day);
  return date != dates_.end() ? date->second : weekly_[IndexOf(day)];
}

bool OfficeHours::IsOff(const Interval& visit) const {
  const auto next =
      std::partition_point(off_.begin(), off_.end(), [&](const Interval& off) { return off.end <= visit.start; });
  return next != off_.end() && next->start < visit.end;
}

bool OfficeHours::Cover(const Interval& visit) const {
  if (IsOff(visit)) return false;
  const absl::CivilDay day = absl::ToCivilDay(visit.start, zone_);
  const auto holds = [&](const Stretch& stretch) { return OpenStretch(zone_, day, stretch).Holds(visit); };
  const absl::Span<const Stretch> stretches = On(day);
  return std::any_of(stretches.begin(), stretches.end(), holds);
}

Interval OfficeHours::DayOf(absl::Time start) const {
  const absl::CivilDay day = absl::ToCivilDay(start, zone_);
  return {Reached(zone_, absl::CivilSecond(day)), Reached(zone_, absl::CivilSecond(day + 1))};
}

}  // namespace lumbar::booking
