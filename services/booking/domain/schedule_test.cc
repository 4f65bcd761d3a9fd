#include "services/booking/domain/schedule.h"

#include <absl/time/civil_time.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "common/time/proto_time.h"
#include "services/booking/testing/samples.h"

namespace lumbar::booking {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// A clinician of `zone` who works from `start_hour` to `end_hour` each day, visits of 30 minutes and no buffers.
v1::Clinician Daily(const std::string& zone, int start_hour, int end_hour) {
  v1::Clinician clinician = SampleClinician();
  clinician.set_time_zone(zone);
  clinician.clear_weekly_hours();
  for (int day = google::type::MONDAY; day <= google::type::SUNDAY; ++day) {
    *clinician.add_weekly_hours() = Hours(static_cast<google::type::DayOfWeek>(day), start_hour, end_hour);
  }
  clinician.mutable_visit_types(0)->clear_buffer_after();
  return clinician;
}

std::vector<std::string> LocalBegins(const v1::Clinician& clinician, absl::CivilDay day) {
  absl::TimeZone zone;
  EXPECT_TRUE(absl::LoadTimeZone(clinician.time_zone(), &zone));
  const auto schedule = Schedule::Of(clinician, clinician.visit_types(0));
  std::vector<std::string> begins;
  for (const Interval& visit : schedule->Visits(absl::FromCivil(day, zone), absl::FromCivil(day + 1, zone))) {
    begins.push_back(absl::FormatTime("%H:%M%Ez", visit.start, zone));
  }
  return begins;
}

TEST(ScheduleTest, LaysVisitsWithTheirBuffersEndToEnd) {
  const v1::Clinician clinician = SampleClinician();
  const auto schedule = Schedule::Of(clinician, clinician.visit_types(0));
  const absl::Time nine = At("2026-03-02T09:00:00-05:00");
  const absl::Duration half = absl::Minutes(30);
  EXPECT_THAT(schedule->Visits(nine, nine + absl::Minutes(80)),
              ElementsAre(Interval{nine, nine + half}, Interval{nine + absl::Minutes(40), nine + absl::Minutes(70)},
                          Interval{nine + absl::Minutes(80), nine + absl::Minutes(110)}));
}

TEST(ScheduleTest, OffersNothingThatRunsPastTheEndOfTheHours) {
  const v1::Clinician clinician = SampleClinician();
  const auto schedule = Schedule::Of(clinician, clinician.visit_types(1));
  const absl::Time four = At("2026-03-02T16:00:00-05:00");
  EXPECT_TRUE(schedule->VisitAt(four).has_value());
  EXPECT_THAT(schedule->Visits(four + absl::Minutes(1), four + absl::Hours(12)), IsEmpty());
}

TEST(ScheduleTest, KnowsNoVisitBetweenItsSteps) {
  const v1::Clinician clinician = SampleClinician();
  const auto schedule = Schedule::Of(clinician, clinician.visit_types(0));
  EXPECT_FALSE(schedule->VisitAt(At("2026-03-02T09:05:00-05:00")).has_value());
  EXPECT_FALSE(schedule->VisitAt(At("2026-03-01T09:00:00-05:00")).has_value()) << "a Sunday";
}

TEST(ScheduleTest, KeepsNineAtNineWhenClocksChange) {
  const v1::Clinician clinician = Daily("America/New_York", 9, 10);
  EXPECT_THAT(LocalBegins(clinician, absl::CivilDay(2026, 3, 7)), ElementsAre("09:00-05:00", "09:30-05:00"));
  EXPECT_THAT(LocalBegins(clinician, absl::CivilDay(2026, 3, 8)), ElementsAre("09:00-04:00", "09:30-04:00"));
}

TEST(ScheduleTest, SkipsTimesThatAClockChangeSkips) {
  EXPECT_THAT(LocalBegins(Daily("America/New_York", 1, 4), absl::CivilDay(2026, 3, 8)),
              ElementsAre("01:00-05:00", "01:30-05:00", "03:00-04:00", "03:30-04:00"));
}

TEST(ScheduleTest, OffersARepeatedTimeOnceAtItsFirstOccurrence) {
  EXPECT_THAT(LocalBegins(Daily("America/New_York", 1, 3), absl::CivilDay(2026, 11, 1)),
              ElementsAre("01:00-04:00", "01:30-04:00", "02:00-05:00", "02:30-05:00"));
}

TEST(ScheduleTest, OffersNothingInAZoneThatNobodyKnows) {
  const v1::Clinician clinician = Daily("Mars/Olympus", 9, 17);
  EXPECT_FALSE(Schedule::Of(clinician, clinician.visit_types(0)).has_value());
}

// What the rules of time say, told once more without wall-clock arithmetic: a grid time is offered if its local time is
// a step of the stretch, is the first of its name, and every grid time of the visit has a local time inside the
// stretch.
bool OfferedByTheRules(absl::TimeZone zone, absl::Time start, int first_hour, int last_hour) {
  const auto minute = [&](absl::Time time) {
    const absl::CivilSecond local = absl::ToCivilSecond(time, zone);
    return local.hour() * 60 + local.minute();
  };
  const int begin = minute(start) - first_hour * 60;
  if (begin < 0 || begin % 30 != 0) return false;
  const absl::CivilSecond local = absl::ToCivilSecond(start, zone);
  if (zone.At(local).pre != start) return false;
  for (absl::Time time = start; time < start + absl::Minutes(30); time += kGrid) {
    if (absl::ToCivilDay(time, zone) != absl::CivilDay(local)) return false;
    if (minute(time) < first_hour * 60 || minute(time) >= last_hour * 60) return false;
  }
  return true;
}

void CheckAround(const Schedule& schedule, absl::TimeZone zone, absl::Time change, int first_hour, int last_hour) {
  const absl::Time begin = change - absl::Hours(36), end = change + absl::Hours(36);
  std::vector<absl::Time> wanted, found;
  for (absl::Time time = begin; time <= end; time += kGrid) {
    if (OfferedByTheRules(zone, time, first_hour, last_hour)) wanted.push_back(time);
  }
  for (const Interval& visit : schedule.Visits(begin, end)) found.push_back(visit.start);
  ASSERT_EQ(found, wanted) << zone.name() << " around " << change << ", " << first_hour << " to " << last_hour;
}

// None outside the hours, none missing, none twice: through 2030, around every clock change of zones with every kind of
// change, among them half an hour (Lord Howe), two hours (Troll), at midnight (Havana, Beirut, Santiago, Nuuk) and
// several times a year (Casablanca).
TEST(ScheduleTest, OffersExactlyWhatTheRulesSayAroundEveryClockChange) {
  int changes = 0;
  for (const char* name : {"America/New_York",  "America/Los_Angeles", "America/Phoenix",
                           "America/Anchorage", "Pacific/Honolulu",    "America/Puerto_Rico",
                           "America/St_Johns",  "America/Havana",      "America/Santiago",
                           "America/Asuncion",  "America/Nuuk",        "Europe/London",
                           "Europe/Dublin",     "Asia/Beirut",         "Asia/Kathmandu",
                           "Africa/Casablanca", "Africa/Cairo",        "Australia/Lord_Howe",
                           "Pacific/Chatham",   "Antarctica/Troll",    "UTC"}) {
    absl::TimeZone zone;
    ASSERT_TRUE(absl::LoadTimeZone(name, &zone)) << name;
    for (const auto& [first, last] : {std::pair{0, 24}, {1, 3}, {0, 2}, {22, 24}, {2, 9}}) {
      const v1::Clinician clinician = Daily(name, first, last);
      const auto schedule = Schedule::Of(clinician, clinician.visit_types(0));
      absl::Time time = At("2024-01-01T00:00:00Z");
      CheckAround(*schedule, zone, time, first, last);
      absl::TimeZone::CivilTransition change;
      while (zone.NextTransition(time, &change)) {
        // The earlier of its two civil times is skipped or repeated by it, and so knows the moment itself.
        time = zone.At(std::min(change.from, change.to)).trans;
        if (time >= At("2031-01-01T00:00:00Z")) break;
        CheckAround(*schedule, zone, time, first, last);
        ++changes;
      }
    }
  }
  EXPECT_GT(changes, 5 * 150);
}

}  // namespace
}  // namespace lumbar::booking
