#include "services/booking/adapters/calendar_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/status/matchers.h"
#include "services/booking/testing/secret_file.h"

namespace lumbar::booking {
namespace {

TEST(CalendarSettingsTest, AreOffWithoutAnAddress) {
  ASSERT_OK_AND_ASSIGN(const CalendarSettings settings, ReadCalendarSettings({}));
  EXPECT_FALSE(settings.organizer);
  EXPECT_FALSE(settings.links);
}

TEST(CalendarSettingsTest, TakeWhatAClinicHas) {
  ASSERT_OK_AND_ASSIGN(
      const CalendarSettings settings,
      ReadCalendarSettings({"Elm Street Clinic", "visits@clinic.example", "https://care.example/visits/",
                            SecretFile("0123456789abcdef0123456789abcdef\n")}));
  EXPECT_EQ(settings.organizer->visit_uri, "https://care.example/visits/");
  EXPECT_TRUE(settings.links);
}

TEST(CalendarSettingsTest, RefuseWhatWouldMakeUselessFiles) {
  const auto refused = FailsWith(absl::StatusCode::kInvalidArgument, "CALENDAR_REFUSED");
  EXPECT_THAT(ReadCalendarSettings({"", "visits@clinic.example", "", ""}), refused);
  EXPECT_THAT(ReadCalendarSettings({"Elm", "clinic", "", ""}), refused);
  EXPECT_THAT(ReadCalendarSettings({"Elm", "a@b\r\nX: y", "", ""}), refused);
  EXPECT_THAT(ReadCalendarSettings({"Elm", "a@b.example", "javascript:alert(1)", ""}), refused);
  EXPECT_THAT(ReadCalendarSettings({"Elm", "a@b.example", "", SecretFile("short")}), refused);
  EXPECT_THAT(ReadCalendarSettings({"Elm", "a@b.example", "", "/nonexistent"}), refused);
}

}  // namespace
}  // namespace lumbar::booking
