#include "services/notification/domain/quiet_hours.h"

#include <algorithm>

#include "services/notification/domain/visit_time.h"

namespace lumbar::notification {
namespace {

constexpr absl::Duration kDefaultStart = absl::Hours(21), kDefaultEnd = absl::Hours(8);
// How long before the quiet begins what can't wait for its end is due: with a try or two it is still out in time.
constexpr absl::Duration kMargin = absl::Hours(1);
// Wall clocks jump by whole quarters of an hour, so that nothing begins or ends between two steps.
constexpr absl::Duration kStep = absl::Minutes(15);
// No quiet lasts longer, whatever its zone's clocks do.
constexpr absl::Duration kLongest = absl::Hours(49);

absl::Duration SinceMidnight(const google::type::TimeOfDay& time) {
  return absl::Hours(time.hours()) + absl::Minutes(time.minutes()) + absl::Seconds(time.seconds());
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
  // A clock that is put forward may leave the end out, and one that is put back may show it twice: so it is looked for
  // and not computed.
  absl::Time quiet = time, end = time + kStep;
  while (Contain(end) && end - time < kLongest) {
    quiet = end;
    end += kStep;
  }
  while (end - quiet > absl::Seconds(1)) {
    const absl::Time middle = absl::FromUnixSeconds(absl::ToUnixSeconds(quiet + (end - quiet) / 2));
    if (middle <= quiet) break;
    (Contain(middle) ? quiet : end) = middle;
  }
  return absl::FromUnixSeconds(absl::ToUnixSeconds(end));
}

absl::Time QuietHours::BeginOf(absl::Time time) const {
  absl::Time quiet = time, before = time - kStep;
  while (Contain(before) && time - before < kLongest) {
    quiet = before;
    before -= kStep;
  }
  while (quiet - before > absl::Seconds(1)) {
    const absl::Time middle = absl::FromUnixSeconds(absl::ToUnixSeconds(before + (quiet - before) / 2));
    if (middle <= before) break;
    (Contain(middle) ? quiet : before) = middle;
  }
  return quiet;
}

absl::Time QuietHours::EveningBefore(absl::Time time) const {
  if (!Contain(time)) return time;
  const absl::Time begin = BeginOf(time);
  return std::min(EndFrom(begin - kMargin), begin - absl::Seconds(1));
}

}  // namespace lumbar::notification
