#include "services/notification/domain/visit_time.h"

#include <gmock/gmock.h>

#include "common/time/zone_testing.h"
#include "services/notification/testing/samples.h"

namespace lumbar::notification {
namespace {

// 14:30 in New York, summer time.
const absl::Time kTuesday = absl::FromCivil(absl::CivilSecond(2026, 6, 9, 18, 30, 0), absl::UTCTimeZone());

TEST(VisitTimeTest, TellsTheTimeInThePatientsZone) {
  booking::v1::Appointment appointment = SampleAppointment(kTuesday);
  EXPECT_EQ(VisitTimeOf(appointment).day, "Tuesday, June 9, 2026");
  EXPECT_EQ(VisitTimeOf(appointment).time, "2:30 PM EDT");
  EXPECT_EQ(VisitTimeOf(appointment).minutes, "30");
  appointment.mutable_contact()->set_time_zone("Asia/Tokyo");
  EXPECT_EQ(VisitTimeOf(appointment).day, "Wednesday, June 10, 2026");
  EXPECT_EQ(VisitTimeOf(appointment).time, "3:30 AM JST");
}

TEST(VisitTimeTest, TakesTheCliniciansZoneForOneThatItDoesNotKnow) {
  booking::v1::Appointment appointment = SampleAppointment(kTuesday);
  const ZoneRecorder recorder;
  for (const char* zone : kNoZones) {
    appointment.mutable_contact()->set_time_zone(zone);
    EXPECT_EQ(VisitTimeOf(appointment).time, "1:30 PM CDT") << zone;
    EXPECT_FALSE(recorder.opened().contains(zone)) << zone;
  }
  appointment.mutable_contact()->clear_time_zone();
  EXPECT_EQ(VisitTimeOf(appointment).time, "1:30 PM CDT");
  appointment.mutable_slot()->clear_time_zone();
  EXPECT_EQ(VisitTimeOf(appointment).time, "6:30 PM UTC");
}

TEST(VisitTimeTest, TellsItInSpanish) {
  const VisitTime when = VisitTimeOf(SampleAppointment(kTuesday), Reader::kPatient, "es");
  EXPECT_EQ(when.day, "martes, 9 de junio de 2026");
  EXPECT_EQ(when.short_day, "martes, 9 de junio");
  EXPECT_EQ(when.time, "2:30 p.m. EDT");
  EXPECT_EQ(VisitTimeOf(SampleAppointment(kTuesday)).short_day, "Tuesday, June 9");
}

TEST(VisitTimeTest, TellsNoonAndMidnightApart) {
  const absl::TimeZone utc = absl::UTCTimeZone();
  for (const auto& [hour, said] : {std::pair(0, "12:05 AM UTC"), std::pair(12, "12:05 PM UTC")}) {
    booking::v1::Appointment appointment =
        SampleAppointment(absl::FromCivil(absl::CivilSecond(2026, 1, 1, hour, 5, 0), utc));
    appointment.mutable_contact()->set_time_zone("UTC");
    EXPECT_EQ(VisitTimeOf(appointment).time, said);
  }
}

}  // namespace
}  // namespace lumbar::notification
