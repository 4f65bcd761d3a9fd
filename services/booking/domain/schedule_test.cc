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

TEST(ScheduleTest, KeepsToTheHoursThatADateHasOfItsOwn) {
  v1::Clinician clinician = Daily("America/New_York", 9, 17);
  v1::DateOverride& date = *clinician.add_date_overrides();
  date.mutable_date()->set_year(2026);
  date.mutable_date()->set_month(3);
  date.mutable_date()->set_day(2);
  EXPECT_THAT(LocalBegins(clinician, absl::CivilDay(2026, 3, 2)), IsEmpty()) << "a holiday";
  v1::LocalHours& evening = *date.add_hours();
  evening.mutable_start()->set_hours(23);
  evening.mutable_end()->set_hours(24);
  EXPECT_THAT(LocalBegins(clinician, absl::CivilDay(2026, 3, 2)), ElementsAre("23:00-05:00", "23:30-05:00"));
  EXPECT_EQ(LocalBegins(clinician, absl::CivilDay(2026, 3, 3)).size(), 16u) << "the day after";
}

TEST(ScheduleTest, OffersNothingThatTouchesTimeOff) {
  v1::Clinician clinician = Daily("America/New_York", 9, 12);
  v1::TimeOff& off = *clinician.add_time_off();
  *off.mutable_start_time() = ToProtoTime(At("2026-03-02T09:55:00-05:00"));
  *off.mutable_end_time() = ToProtoTime(At("2026-03-02T11:00:00-05:00"));
  EXPECT_THAT(LocalBegins(clinician, absl::CivilDay(2026, 3, 2)),
              ElementsAre("09:00-05:00", "11:00-05:00", "11:30-05:00"));
}

TEST(ScheduleTest, LetsBuffersReachIntoTimeOff) {
  v1::Clinician clinician = SampleClinician();
  v1::TimeOff& off = *clinician.add_time_off();
  *off.mutable_start_time() = ToProtoTime(At("2026-03-02T09:30:00-05:00"));
  *off.mutable_end_time() = ToProtoTime(At("2026-03-02T09:40:00-05:00"));
  const auto schedule = Schedule::Of(clinician, clinician.visit_types(0));
  EXPECT_TRUE(schedule->VisitAt(At("2026-03-02T09:00:00-05:00")).has_value());
  EXPECT_TRUE(schedule->VisitAt(At("2026-03-02T09:40:00-05:00")).has_value());
}

// The clock shows 01:00 again during the visit, and hours begin at 01:30.
TEST(ScheduleTest, OffersNothingDuringWhichClocksGoBackToBeforeTheHours) {
  v1::Clinician clinician = Daily("America/New_York", 1, 4);
  for (auto& hours : *clinician.mutable_weekly_hours()) hours.mutable_start()->set_minutes(30);
  clinician.mutable_visit_types(0)->mutable_duration()->set_seconds(3600);
  EXPECT_THAT(LocalBegins(clinician, absl::CivilDay(2026, 11, 1)), ElementsAre("02:30-05:00"));
  EXPECT_THAT(LocalBegins(clinician, absl::CivilDay(2026, 11, 2)), ElementsAre("01:30-05:00", "02:30-05:00"));
}

TEST(ScheduleTest, ReachesFromTheNoticeToTheHorizon) {
  v1::VisitType type;
  const absl::Time now = At("2026-03-02T09:00:00Z");
  EXPECT_EQ(ReachAt(type, now).first, now + absl::Microseconds(1));
  EXPECT_EQ(ReachAt(type, now).last, now + kHorizon);
  type.mutable_minimum_notice()->set_seconds(3600);
  type.set_horizon_days(2);
  EXPECT_EQ(ReachAt(type, now).first, now + absl::Hours(1));
  EXPECT_EQ(ReachAt(type, now).last, now + absl::Hours(48));
}

}  // namespace
}  // namespace lumbar::booking
