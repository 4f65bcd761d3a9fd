#include "services/notification/domain/quiet_hours.h"

#include <absl/random/random.h>
#include <gmock/gmock.h>

#include <string>

#include "common/time/zone.h"
#include "services/notification/testing/samples.h"

namespace lumbar::notification {
namespace {

using testing::Gt;
using testing::SizeIs;

absl::Time At(const char* text, absl::TimeZone zone) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime("%Y-%m-%d %H:%M", text, zone, &time, &error)) << error;
  return time;
}

class QuietHoursTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(absl::LoadTimeZone("America/New_York", &zone_)); }
  QuietHours Night() const { return {absl::Hours(21), absl::Hours(8), zone_}; }
  absl::Time Local(const char* text) const { return At(text, zone_); }

  absl::TimeZone zone_;
};

TEST_F(QuietHoursTest, SpanMidnight) {
  EXPECT_TRUE(Night().Contain(Local("2026-01-05 21:00")));
  EXPECT_TRUE(Night().Contain(Local("2026-01-06 07:59")));
  EXPECT_FALSE(Night().Contain(Local("2026-01-06 08:00")));
  EXPECT_FALSE(Night().Contain(Local("2026-01-05 20:59")));
  EXPECT_EQ(Night().EndFrom(Local("2026-01-05 22:17")), Local("2026-01-06 08:00"));
  EXPECT_EQ(Night().EveningBefore(Local("2026-01-06 07:30")), Local("2026-01-05 20:00"));
  EXPECT_EQ(Night().EndFrom(Local("2026-01-05 12:00")), Local("2026-01-05 12:00"));
}

TEST_F(QuietHoursTest, MayLieWithinADayOrNowhere) {
  const QuietHours siesta(absl::Hours(13), absl::Hours(15), zone_);
  EXPECT_EQ(siesta.EndFrom(Local("2026-01-05 13:00")), Local("2026-01-05 15:00"));
  EXPECT_FALSE(siesta.Contain(Local("2026-01-05 03:00")));
  const QuietHours never(absl::Hours(5), absl::Hours(5), zone_);
  EXPECT_FALSE(never.Contain(Local("2026-01-05 05:00")));
}

TEST_F(QuietHoursTest, LeaveAnHourBeforeThemOrWhatThereIs) {
  const QuietHours nearly_always(absl::Hours(9), absl::Hours(8) + absl::Minutes(40), zone_);
  EXPECT_EQ(nearly_always.EveningBefore(Local("2026-01-06 03:00")), Local("2026-01-05 08:40"));
  const QuietHours but_a_minute(absl::Hours(9), absl::Hours(8) + absl::Minutes(59), zone_);
  EXPECT_EQ(but_a_minute.EveningBefore(Local("2026-01-06 03:00")), Local("2026-01-05 08:59"));
  EXPECT_EQ(but_a_minute.EndFrom(Local("2026-01-05 12:01")), Local("2026-01-06 08:59"));
}

TEST_F(QuietHoursTest, EndOnTheWallClockAlsoWhenItJumps) {
  const QuietHours early(absl::Hours(21), absl::Hours(2) + absl::Minutes(30), zone_);
  // There is no 2:30 that night: 2:00 is 3:00.
  EXPECT_EQ(early.EndFrom(Local("2026-03-08 01:00")), Local("2026-03-08 03:00"));
  // 1:30 comes twice: the first is quiet until 2:00 comes back to 1:00, and so on until 2:30.
  EXPECT_EQ(early.EndFrom(Local("2026-11-01 00:30")) - Local("2026-11-01 00:30"), absl::Hours(3));
}

TEST_F(QuietHoursTest, AreThePatientsOrTheUsual) {
  const auto visit = SampleAppointment(Local("2026-01-06 08:30"));
  EXPECT_TRUE(QuietHours::Of({}, visit).Contain(Local("2026-01-05 21:00")));
  v1::Preferences preferences;
  preferences.set_time_zone("America/Los_Angeles");
  EXPECT_FALSE(QuietHours::Of(preferences, visit).Contain(Local("2026-01-05 21:00")));
  preferences.mutable_quiet_hours()->mutable_start()->set_hours(12);
  preferences.mutable_quiet_hours()->mutable_end()->set_hours(13);
  EXPECT_TRUE(QuietHours::Of(preferences, visit).Contain(Local("2026-01-05 15:30")));
}

// What must hold around `time`, whatever the clocks do.
void ExpectRight(const QuietHours& quiet, absl::Time time) {
  const absl::Time end = quiet.EndFrom(time), evening = quiet.EveningBefore(time);
  if (!quiet.Contain(time)) {
    EXPECT_EQ(end, time) << time;
    EXPECT_EQ(evening, time) << time;
    return;
  }
  bool all_quiet = true;
  for (absl::Time one = time; one < end; one += absl::Minutes(15)) all_quiet = all_quiet && quiet.Contain(one);
  EXPECT_TRUE(all_quiet) << time << " to " << end;
  EXPECT_FALSE(quiet.Contain(end)) << time;
  EXPECT_TRUE(quiet.Contain(end - absl::Seconds(1))) << time;
  EXPECT_FALSE(quiet.Contain(evening)) << time;
  EXPECT_LT(evening, time) << time;
  EXPECT_LE(end - time, absl::Hours(49)) << time;
}

TEST(QuietHoursPropertyTest, HoldInAllZonesAroundEveryChangeOfTheClocks) {
  ASSERT_THAT(ZoneNames(), SizeIs(Gt(400)));
  absl::BitGen random;
  int changes = 0;
  for (const std::string& name : ZoneNames()) {
    const absl::TimeZone zone = *FindZone(name);
    const QuietHours usual(absl::Hours(21), absl::Hours(8), zone);
    const QuietHours any(absl::Minutes(absl::Uniform(random, 0, 1440)), absl::Minutes(absl::Uniform(random, 0, 1440)),
                         zone);
    const absl::Duration begin = absl::Minutes(absl::Uniform(random, 1, 1440));
    const QuietHours but_a_minute(begin, begin - absl::Minutes(1), zone);
    absl::Time from = absl::FromCivil(absl::CivilDay(2018, 1, 1), zone);
    const absl::Time until = absl::FromCivil(absl::CivilDay(2034, 1, 1), zone);
    for (absl::TimeZone::CivilTransition change; zone.NextTransition(from, &change) && from < until; ++changes) {
      // Of a time that comes twice the second, or the same change would be found for ever.
      from = zone.At(change.to).post;
      for (int i = 0; i < 4; ++i) {
        const absl::Time time = from + absl::Seconds(absl::Uniform(random, -30 * 3600, 30 * 3600));
        SCOPED_TRACE(zone.name());
        ExpectRight(usual, time);
        ExpectRight(any, time);
        ExpectRight(but_a_minute, time);
      }
    }
  }
  EXPECT_THAT(changes, Gt(3000));
}

}  // namespace
}  // namespace lumbar::notification
