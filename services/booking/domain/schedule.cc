#include "services/booking/domain/schedule.h"

#include <absl/time/civil_time.h>

#include <algorithm>

#include "common/time/proto_time.h"

namespace lumbar::booking {
namespace {

// What separates times that the stores keep apart.
constexpr absl::Duration kMoment = absl::Microseconds(1);

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

Reach ReachAt(const v1::VisitType& type, absl::Time now) {
  const absl::Duration notice = FromProto(type.minimum_notice());
  const absl::Duration horizon = type.horizon_days() == 0 ? kHorizon : absl::Hours(24) * type.horizon_days();
  return {now + std::max(notice, kMoment), now + horizon};
}

std::optional<Schedule> Schedule::Of(const v1::Clinician& clinician, const v1::VisitType& type) {
  std::shared_ptr<const OfficeHours> hours = OfficeHours::Of(clinician);
  if (hours == nullptr) return std::nullopt;
  return Schedule(std::move(hours), type);
}

Schedule::Schedule(std::shared_ptr<const OfficeHours> hours, const v1::VisitType& type)
    : hours_(std::move(hours)),
      duration_(FromProto(type.duration())),
      step_seconds_(
          absl::ToInt64Seconds(FromProto(type.buffer_before()) + duration_ + FromProto(type.buffer_after()))) {}

std::vector<Interval> Schedule::Visits(absl::Time first, absl::Time last) const {
  std::vector<Interval> visits;
  // A day more on each side, because a clock change at midnight can repeat the end of the day before.
  const absl::CivilDay end = absl::ToCivilDay(last, hours_->zone()) + 1;
  for (absl::CivilDay day = absl::ToCivilDay(first, hours_->zone()) - 1; day <= end; ++day) {
    for (const Stretch& stretch : hours_->On(day)) AppendStretch(day, stretch, first, last, visits);
  }
  std::sort(visits.begin(), visits.end(), [](const Interval& a, const Interval& b) { return a.start < b.start; });
  return visits;
}

std::optional<Interval> Schedule::VisitAt(absl::Time start) const {
  const std::vector<Interval> visits = Visits(start, start);
  if (visits.empty()) return std::nullopt;
  return visits.front();
}

void Schedule::AppendStretch(absl::CivilDay day, const Stretch& stretch, absl::Time first, absl::Time last,
                             std::vector<Interval>& visits) const {
  const OpenStretch open(hours_->zone(), day, stretch);
  if (open.time().end <= first || open.time().start > last) return;
  for (int64_t second = stretch.start; second < stretch.end; second += step_seconds_) {
    const absl::TimeZone::TimeInfo local = hours_->zone().At(absl::CivilSecond(day) + second);
    if (local.kind == absl::TimeZone::TimeInfo::SKIPPED) continue;
    const Interval visit{local.pre, local.pre + duration_};
    if (visit.start < first || visit.start > last || !OnGrid(visit.start)) continue;
    if (open.Holds(visit) && !hours_->IsOff(visit)) visits.push_back(visit);
  }
}

}  // namespace lumbar::booking
