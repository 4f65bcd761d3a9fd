#include "services/booking/domain/calendar_zone.h"

#include <string>
#include <vector>

namespace lumbar::booking {
namespace {

// No calendar asks for what held earlier; the seconds of local mean time would only trouble it.
constexpr absl::CivilSecond kLongAgo(1970, 1, 1);

struct Observance {
  // In the wall-clock time that it ends.
  absl::CivilSecond onset;
  int offset_before = 0;
  absl::TimeZone::CivilInfo after;
};

absl::Time InstantOf(const absl::TimeZone::CivilTransition& change, absl::TimeZone zone) {
  const absl::TimeZone::TimeInfo info = zone.At(change.to);
  return info.kind == absl::TimeZone::TimeInfo::UNIQUE ? info.pre : info.trans;
}

Observance After(const absl::TimeZone::CivilTransition& change, absl::TimeZone zone) {
  const absl::Time instant = InstantOf(change, zone);
  return {change.from, zone.At(instant - absl::Seconds(1)).offset, zone.At(instant)};
}

// What holds at `time`.
Observance At(absl::Time time, absl::TimeZone zone) {
  absl::TimeZone::CivilTransition change;
  if (zone.PrevTransition(time, &change) && change.from > kLongAgo) return After(change, zone);
  const absl::TimeZone::CivilInfo now = zone.At(time);
  return {kLongAgo, now.offset, now};
}

std::vector<Observance> ObservancesIn(absl::TimeZone zone, absl::Time start, absl::Time end) {
  const absl::Time first = absl::FromCivil(absl::CivilYear(zone.At(start).cs), zone);
  const absl::Time last = absl::FromCivil(absl::CivilYear(zone.At(end).cs) + 1, zone);
  std::vector<Observance> observances = {At(first, zone)};
  absl::TimeZone::CivilTransition change;
  for (absl::Time from = first - absl::Nanoseconds(1); zone.NextTransition(from, &change);) {
    from = InstantOf(change, zone);
    if (from > last) break;
    observances.push_back(After(change, zone));
  }
  return observances;
}

icaltimetype Local(absl::CivilSecond time) {
  icaltimetype local = icaltime_null_time();
  local.year = static_cast<int>(time.year());
  local.month = time.month();
  local.day = time.day();
  local.hour = time.hour();
  local.minute = time.minute();
  local.second = time.second();
  return local;
}

}  // namespace

icalcomponent* MakeZone(absl::string_view name, absl::TimeZone zone, absl::Time start, absl::Time end) {
  icalcomponent* made = icalcomponent_new_vtimezone();
  icalcomponent_add_property(made, icalproperty_new_tzid(std::string(name).c_str()));
  for (const Observance& observance : ObservancesIn(zone, start, end)) {
    const auto kind = observance.after.is_dst ? ICAL_XDAYLIGHT_COMPONENT : ICAL_XSTANDARD_COMPONENT;
    icalcomponent* part = icalcomponent_new(kind);
    icalcomponent_add_property(part, icalproperty_new_dtstart(Local(observance.onset)));
    icalcomponent_add_property(part, icalproperty_new_tzoffsetfrom(observance.offset_before));
    icalcomponent_add_property(part, icalproperty_new_tzoffsetto(observance.after.offset));
    icalcomponent_add_property(part, icalproperty_new_tzname(observance.after.zone_abbr));
    icalcomponent_add_component(made, part);
  }
  return made;
}

bool HappensOnce(absl::Time time, absl::TimeZone zone) {
  return zone.At(zone.At(time).cs).kind == absl::TimeZone::TimeInfo::UNIQUE;
}

}  // namespace lumbar::booking
