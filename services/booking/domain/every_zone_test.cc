// The rules of time, told twice: Schedule reckons from the wall clock to UTC; the oracle here knows no such arithmetic
// and walks through UTC minute by minute, asking what the clock on the wall shows. Over every zone of this machine's
// tzdata and every clock change from 2024 through 2030 they must offer the same: no visit outside hours, none missing,
// none twice, overrides and time off kept.
#include <absl/strings/str_split.h>
#include <absl/time/civil_time.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include "common/status/matchers.h"
#include "common/time/proto_time.h"
#include "common/time/zone.h"
#include "services/booking/domain/clinician_rules.h"
#include "services/booking/domain/schedule.h"
#include "services/booking/domain/tick.h"
#include "services/booking/testing/samples.h"

namespace lumbar::booking {
namespace {

const absl::Time kFrom = At("2024-01-01T00:00:00Z"), kTo = At("2031-01-01T00:00:00Z");
constexpr absl::Duration kAround = absl::Hours(36);

// A minute of UTC, and what the clock shows in it.
struct Minute {
  absl::CivilDay day;
  int of_day;
  // Whether the clock showed the same before.
  bool again;
  // The latest time of the day that it showed before; -1: none.
  int highest;
};

// The minutes from `first` on; a day more before them is looked at for what is shown again.
std::vector<Minute> ClockOf(absl::TimeZone zone, absl::Time first, absl::Time last) {
  std::vector<Minute> clock;
  absl::CivilSecond latest(1970, 1, 1);
  absl::CivilDay today;
  int highest = -1;
  for (absl::Time time = first - absl::Hours(24); time < last; time += absl::Minutes(1)) {
    const absl::CivilSecond local = absl::ToCivilSecond(time, zone);
    const int of_day = local.hour() * 60 + local.minute();
    if (absl::CivilDay(local) != today) highest = -1;
    today = absl::CivilDay(local);
    if (time >= first) clock.push_back({today, of_day, local <= latest, highest});
    latest = std::max(latest, local);
    highest = std::max(highest, of_day);
  }
  return clock;
}

int MinuteOf(const google::type::TimeOfDay& time) { return time.hours() * 60 + time.minutes(); }

// The clinician's hours of a date as pairs of minutes.
std::vector<std::pair<int, int>> HoursOn(const v1::Clinician& clinician, absl::CivilDay day) {
  std::vector<std::pair<int, int>> hours;
  for (const auto& date : clinician.date_overrides()) {
    if (absl::CivilDay(date.date().year(), date.date().month(), date.date().day()) != day) continue;
    for (const auto& stretch : date.hours()) hours.push_back({MinuteOf(stretch.start()), MinuteOf(stretch.end())});
    return hours;
  }
  for (const auto& weekly : clinician.weekly_hours()) {
    if (weekly.day() - 1 == static_cast<int>(absl::GetWeekday(day))) {
      hours.push_back({MinuteOf(weekly.start()), MinuteOf(weekly.end())});
    }
  }
  return hours;
}

// Whether all `length` minutes from `at` on show times of [open, close) on one date, before it was first `close`.
bool Inside(const std::vector<Minute>& clock, size_t at, size_t length, int open, int close) {
  for (size_t i = at; i < at + length; ++i) {
    const Minute& minute = clock[i];
    if (minute.day != clock[at].day || minute.of_day < open || minute.of_day >= close) return false;
    if (minute.highest >= close) return false;
  }
  return true;
}

bool IsOff(const v1::Clinician& clinician, absl::Time start, absl::Duration length) {
  return std::any_of(clinician.time_off().begin(), clinician.time_off().end(), [&](const v1::TimeOff& off) {
    return FromProto(off.start_time()) < start + length && start < FromProto(off.end_time());
  });
}

std::vector<absl::Time> OfferedByTheRules(const v1::Clinician& clinician, const std::vector<Minute>& clock,
                                          absl::Time first, absl::Time last) {
  const v1::VisitType& type = clinician.visit_types(0);
  const int length = static_cast<int>(type.duration().seconds() / 60);
  const int step = length + static_cast<int>((type.buffer_before().seconds() + type.buffer_after().seconds()) / 60);
  std::vector<absl::Time> offered;
  absl::CivilDay today;
  std::vector<std::pair<int, int>> hours;
  for (absl::Time time = first; time <= last; time += kGrid) {
    const size_t at = static_cast<size_t>((time - first) / absl::Minutes(1));
    if (clock[at].again) continue;
    if (clock[at].day != today) hours = HoursOn(clinician, clock[at].day);
    today = clock[at].day;
    for (const auto& [open, close] : hours) {
      const int since = clock[at].of_day - open;
      if (since < 0 || since % step != 0) continue;
      if (Inside(clock, at, static_cast<size_t>(length), open, close) &&
          !IsOff(clinician, time, absl::Minutes(length))) {
        offered.push_back(time);
      }
    }
  }
  return offered;
}

v1::Clinician Working(const std::string& zone, const std::vector<std::pair<int, int>>& hours, int minutes, int before,
                      int after) {
  v1::Clinician clinician = SampleClinician();
  clinician.set_time_zone(zone);
  clinician.clear_weekly_hours();
  for (int day = google::type::MONDAY; day <= google::type::SUNDAY; ++day) {
    for (const auto& [open, close] : hours) {
      v1::WeeklyHours weekly = Hours(static_cast<google::type::DayOfWeek>(day), open / 60, close / 60);
      weekly.mutable_start()->set_minutes(open % 60);
      weekly.mutable_end()->set_minutes(close % 60);
      *clinician.add_weekly_hours() = weekly;
    }
  }
  v1::VisitType& type = *clinician.mutable_visit_types(0);
  type.mutable_duration()->set_seconds(minutes * 60);
  type.mutable_buffer_before()->set_seconds(before * 60);
  type.mutable_buffer_after()->set_seconds(after * 60);
  return clinician;
}

// On the day of the change a short night instead of the usual hours, none on the day after, and an hour off before the
// change.
void Disturb(v1::Clinician& clinician, absl::TimeZone zone, absl::Time change) {
  const absl::CivilDay day = absl::ToCivilDay(change, zone);
  for (const absl::CivilDay date : {day, day + 1}) {
    v1::DateOverride& changed = *clinician.add_date_overrides();
    changed.mutable_date()->set_year(static_cast<int32_t>(date.year()));
    changed.mutable_date()->set_month(date.month());
    changed.mutable_date()->set_day(date.day());
    if (date != day) continue;
    v1::LocalHours& night = *changed.add_hours();
    night.mutable_start()->set_minutes(30);
    night.mutable_end()->set_hours(5);
    night.mutable_end()->set_minutes(15);
  }
  const absl::Time whole = absl::FromUnixSeconds(absl::ToUnixSeconds(change) / 300 * 300);
  v1::TimeOff& off = *clinician.add_time_off();
  *off.mutable_start_time() = ToProtoTime(whole - absl::Minutes(65));
  *off.mutable_end_time() = ToProtoTime(whole - absl::Minutes(5));
}

std::vector<v1::Clinician> Practices(const std::string& zone) {
  return {Working(zone, {{0, 1440}}, 30, 0, 0),
          Working(zone, {{60, 180}}, 30, 0, 10),
          Working(zone, {{90, 240}}, 60, 0, 0),
          Working(zone, {{0, 150}, {1290, 1440}}, 45, 10, 5),
          Working(zone, {{540, 720}, {780, 1020}}, 30, 0, 10),
          Working(zone, {{5, 205}, {205, 300}}, 15, 5, 0)};
}

// Every zone that has a name of its own in tzdata and is accepted from outside.
std::vector<std::string> Zones() {
  std::vector<std::string> names;
  std::ifstream file("/usr/share/zoneinfo/tzdata.zi");
  for (std::string line; std::getline(file, line);) {
    const std::vector<std::string> words = absl::StrSplit(line, ' ');
    if (words.size() > 1 && words[0] == "Z" && IsKnownZone(words[1])) names.push_back(words[1]);
  }
  return names;
}

// The moments at which its clocks change.
std::vector<absl::Time> Changes(absl::TimeZone zone) {
  std::vector<absl::Time> changes;
  absl::TimeZone::CivilTransition change;
  for (absl::Time time = kFrom; zone.NextTransition(time, &change);) {
    // The earlier of its two civil times is skipped or repeated by it, and so knows the moment itself.
    time = zone.At(std::min(change.from, change.to)).trans;
    if (time >= kTo) break;
    changes.push_back(time);
  }
  return changes;
}

struct Figures {
  int zones = 0, changes = 0;
  int64_t slots = 0;
};

// With the usual hours alone, and with overrides and time off.
void CheckAround(const std::string& name, absl::TimeZone zone, absl::Time middle, Figures& figures) {
  const absl::Time whole = absl::FromUnixSeconds(absl::ToUnixSeconds(middle) / 300 * 300);
  const absl::Time first = whole - kAround, last = whole + kAround;
  const std::vector<Minute> clock = ClockOf(zone, first, last + absl::Hours(2));
  std::vector<v1::Clinician> practices = Practices(name);
  for (v1::Clinician clinician : Practices(name)) {
    Disturb(clinician, zone, middle);
    practices.push_back(std::move(clinician));
  }
  for (const v1::Clinician& clinician : practices) {
    const v1::VisitType& type = clinician.visit_types(0);
    const auto schedule = Schedule::Of(clinician, type);
    ASSERT_TRUE(schedule.has_value()) << name;
    std::vector<absl::Time> found;
    for (const Interval& visit : schedule->Visits(first, last)) {
      found.push_back(visit.start);
      ASSERT_TRUE(schedule->hours().Cover(visit)) << name << " at " << visit.start;
      const Interval busy = WithBuffers(visit, type);
      ASSERT_EQ(TicksOf(busy).size() * kGrid, busy.end - busy.start) << name << " at " << visit.start;
    }
    ASSERT_EQ(found, OfferedByTheRules(clinician, clock, first, last))
        << name << " around " << middle << ": " << clinician.ShortDebugString();
    figures.slots += static_cast<int64_t>(found.size());
  }
}

TEST(EveryZoneTest, OffersExactlyWhatTheRulesSayAroundEveryClockChange) {
  Figures figures;
  for (const std::string& name : Zones()) {
    const absl::TimeZone zone = *FindZone(name);
    ++figures.zones;
    CheckAround(name, zone, At("2027-07-01T12:00:00Z"), figures);
    for (const absl::Time change : Changes(zone)) {
      ++figures.changes;
      CheckAround(name, zone, change, figures);
      if (HasFatalFailure()) return;
    }
  }
  std::printf("%d zones, %d clock changes, %ld slots compared\n", figures.zones, figures.changes,
              static_cast<long>(figures.slots));
  EXPECT_GT(figures.zones, 250);
  EXPECT_GT(figures.changes, 1000);
}

TEST(EveryZoneTest, KeepsNineAtNine) {
  int64_t days = 0;
  for (const std::string& name : Zones()) {
    const absl::TimeZone zone = *FindZone(name);
    const v1::Clinician clinician = Working(name, {{540, 570}}, 30, 0, 0);
    const auto visits = Schedule::Of(clinician, clinician.visit_types(0))->Visits(kFrom, kTo);
    absl::CivilDay day = absl::ToCivilDay(visits.front().start, zone);
    for (const Interval& visit : visits) {
      ASSERT_EQ(absl::ToCivilSecond(visit.start, zone), absl::CivilSecond(day) + 9 * 3600) << name;
      ++day;
      ++days;
    }
    ASSERT_GE(visits.size(), 2556u) << name << " left a day out";
  }
  std::printf("%ld days at nine\n", static_cast<long>(days));
}

}  // namespace
}  // namespace lumbar::booking
