#include "services/notification/domain/quiet_hours.h"

#include <algorithm>
#include <vector>

#include "services/notification/domain/visit_time.h"

namespace lumbar::notification {
namespace {

constexpr absl::Duration kDefaultStart = absl::Hours(21), kDefaultEnd = absl::Hours(8);
// How long before the quiet begins what can't wait for its end is due: with a try or two it is still out in time.
constexpr absl::Duration kMargin = absl::Hours(1);
// How far from a moment the quiet that contains it begins or ends: on a day without the hour that is left for it, the
// next.
constexpr int kDays = 3;
// More than there are jumps of a clock in twice as many days.
constexpr int kMostJumps = 8;

absl::Duration SinceMidnight(const google::type::TimeOfDay& time) {
  return absl::Hours(time.hours()) + absl::Minutes(time.minutes()) + absl::Seconds(time.seconds());
}

// The moments around `time` at which the clock shows `wall`, or jumps: only there can quiet that ends or begins at
// `wall` do so. A clock that is put forward leaves some time out, and one that is put back shows it twice.
std::vector<absl::Time> MomentsAround(absl::Time time, absl::Duration wall, absl::TimeZone zone) {
  std::vector<absl::Time> moments;
  const absl::CivilDay today = absl::ToCivilDay(time, zone);
  for (absl::CivilDay day = today - kDays; day <= today + kDays; ++day) {
    const absl::TimeZone::TimeInfo shown = zone.At(absl::CivilSecond(day) + absl::ToInt64Seconds(wall));
    moments.insert(moments.end(), {shown.pre, shown.post});
  }
  absl::Time jump = moments.front();
  const absl::Time last = moments.back();
  absl::TimeZone::CivilTransition change;
  for (int i = 0; i < kMostJumps && zone.NextTransition(jump, &change) && jump < last; ++i) {
    // Of a time that comes twice, the jump leads to the second.
    jump = zone.At(change.to).post;
    moments.push_back(jump);
  }
  std::sort(moments.begin(), moments.end());
  return moments;
}

}  // namespace

QuietHours QuietHours::Of(const v1::Preferences& preferences, const booking::v1::Appointment& appointment) {
  const std::string& contacts = appointment.contact().time_zone();
  const absl::TimeZone zone = preferences.time_zone().empty() ? ZoneOr(contacts, appointment.slot().time_zone())
                                                              : ZoneOr(preferences.time_zone(), contacts);
  if (!preferences.has_quiet_hours()) return {kDefaultStart, kDefaultEnd, zone};
  const v1::QuietHours& hours = preferences.quiet_hours();
  return {SinceMidnight(hours.start()), SinceMidnight(hours.end()), zone};
}

bool QuietHours::Contain(absl::Time time) const {
  const absl::CivilSecond wall = absl::ToCivilSecond(time, zone_);
  const absl::Duration now = absl::Hours(wall.hour()) + absl::Minutes(wall.minute()) + absl::Seconds(wall.second());
  if (start_ <= end_) return start_ <= now && now < end_;
  return start_ <= now || now < end_;
}

absl::Time QuietHours::EndFrom(absl::Time time) const {
  if (!Contain(time)) return time;
  const std::vector<absl::Time> moments = MomentsAround(time, end_, zone_);
  const auto end = std::find_if(moments.begin(), moments.end(),
                                [&](absl::Time moment) { return moment > time && !Contain(moment); });
  return end == moments.end() ? moments.back() : *end;
}

absl::Time QuietHours::BeginOf(absl::Time time) const {
  const std::vector<absl::Time> moments = MomentsAround(time, start_, zone_);
  const auto begin = std::find_if(moments.rbegin(), moments.rend(), [&](absl::Time moment) {
    return moment <= time && !Contain(moment - absl::Seconds(1));
  });
  return begin == moments.rend() ? moments.front() : *begin;
}

absl::Time QuietHours::EveningBefore(absl::Time time) const {
  if (!Contain(time)) return time;
  const absl::Time begin = BeginOf(time);
  return std::min(EndFrom(begin - kMargin), begin - absl::Seconds(1));
}

}  // namespace lumbar::notification
