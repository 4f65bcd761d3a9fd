#include "common/time/zone.h"

#include <gmock/gmock.h>

#include "common/time/zone_testing.h"

namespace lumbar {
namespace {

using testing::Gt;
using testing::IsEmpty;
using testing::IsSupersetOf;
using testing::SizeIs;

TEST(ZoneTest, TellsTheZoneLibraryOfNoNameButThoseOfTheDatabase) {
  const ZoneRecorder recorder;
  for (const char* name : kNoZones) EXPECT_EQ(FindZone(name), std::nullopt) << name;
  EXPECT_EQ(FindZone(""), std::nullopt);
  EXPECT_EQ(FindZone(absl::string_view("UTC\0", 4)), std::nullopt);
  EXPECT_EQ(FindZone(std::string(5000, 'A')), std::nullopt);
  EXPECT_THAT(recorder.opened(), IsEmpty());
  EXPECT_TRUE(IsKnownZone("Pacific/Chatham"));
  EXPECT_TRUE(recorder.opened().contains("Pacific/Chatham")) << "the recorder hears nothing";
}

TEST(ZoneTest, FindsEveryNameOfTheDatabase) {
  EXPECT_THAT(ZoneNames(), SizeIs(Gt(500)));
  for (const std::string& name : ZoneNames()) {
    const std::optional<absl::TimeZone> zone = FindZone(name);
    ASSERT_TRUE(zone.has_value()) << name;
    EXPECT_EQ(zone->name(), name);
  }
}

TEST(ZoneTest, KnowsZonesUnderTheNamesThatTheyHad) {
  EXPECT_THAT(ZoneNames(), IsSupersetOf({"America/New_York", "US/Pacific", "Asia/Calcutta", "Asia/Kolkata", "UTC",
                                         "Etc/UTC", "Etc/GMT+5", "EST5EDT", "HST", "America/Argentina/Buenos_Aires",
                                         "GB-Eire", "America/Port-au-Prince"}));
  const absl::Time summer = absl::FromCivil(absl::CivilDay(2026, 7, 1), absl::UTCTimeZone());
  EXPECT_EQ(absl::FormatTime("%H:%M", summer, *FindZone("US/Pacific")), "17:00");
  EXPECT_EQ(absl::FormatTime("%H:%M", summer, *FindZone("America/Los_Angeles")), "17:00");
}

}  // namespace
}  // namespace lumbar
