#include "services/booking/domain/business_days.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

namespace lumbar::booking {
namespace {

using Day = absl::CivilDay;

TEST(BusinessDaysTest, LeaveOutTheFederalHolidaysOf2026AndThreeThatMove) {
  const Day holidays[] = {Day(2026, 1, 1),   Day(2026, 1, 19),  Day(2026, 2, 16), Day(2026, 5, 25),
                          Day(2026, 6, 19),  Day(2026, 7, 3),   Day(2026, 9, 7),  Day(2026, 10, 12),
                          Day(2026, 11, 11), Day(2026, 11, 26), Day(2026, 12, 25)};
  int found = 0;
  for (Day day(2026, 1, 1); day.year() == 2026; ++day) {
    const bool weekend = absl::GetWeekday(day) >= absl::Weekday::saturday;
    found += !weekend && !IsBusinessDay(day);
  }
  EXPECT_EQ(found, 11);
  for (const Day day : holidays) EXPECT_FALSE(IsBusinessDay(day)) << day;
  EXPECT_FALSE(IsBusinessDay(Day(2027, 12, 31))) << "New Year's Day of 2028 is a Saturday";
  EXPECT_FALSE(IsBusinessDay(Day(2027, 7, 5))) << "the Fourth of July is a Sunday";
  EXPECT_FALSE(IsBusinessDay(Day(2030, 5, 27))) << "the fourth and last Monday of May";
}

struct Case {
  const char* why;
  Day booked;
  Day visit;
  std::optional<Day> due;
};

TEST(BusinessDaysTest, TellWhenAnEstimateIsDue) {
  const Case cases[] = {
      {"the rule's own example of three days", Day(2022, 1, 3), Day(2022, 1, 6), Day(2022, 1, 4)},
      {"two days ahead", Day(2026, 3, 2), Day(2026, 3, 4), std::nullopt},
      {"the same day", Day(2026, 3, 2), Day(2026, 3, 2), std::nullopt},
      {"three days ahead", Day(2026, 3, 2), Day(2026, 3, 5), Day(2026, 3, 3)},
      {"nine days ahead", Day(2026, 3, 2), Day(2026, 3, 13), Day(2026, 3, 3)},
      {"ten days ahead", Day(2026, 3, 2), Day(2026, 3, 16), Day(2026, 3, 5)},
      {"a weekend between doesn't count", Day(2026, 3, 6), Day(2026, 3, 10), std::nullopt},
      {"due on the Monday after", Day(2026, 3, 6), Day(2026, 3, 11), Day(2026, 3, 9)},
      {"booked on a Saturday", Day(2026, 3, 7), Day(2026, 3, 11), Day(2026, 3, 9)},
      {"for a Saturday", Day(2026, 3, 2), Day(2026, 3, 7), Day(2026, 3, 3)},
      {"the observed Fourth of July doesn't count", Day(2026, 7, 2), Day(2026, 7, 7), std::nullopt},
      {"due after the long weekend", Day(2026, 7, 2), Day(2026, 7, 8), Day(2026, 7, 6)},
      {"across Thanksgiving", Day(2026, 11, 25), Day(2026, 12, 10), Day(2026, 12, 1)},
  };
  for (const Case& one : cases) EXPECT_EQ(EstimateDueDay(one.booked, one.visit), one.due) << one.why;
}

TEST(BusinessDaysTest, GiveThreeDaysForAnEstimateOnRequest) {
  EXPECT_EQ(EstimateDueDayOnRequest(Day(2026, 3, 2)), Day(2026, 3, 5));
  EXPECT_EQ(EstimateDueDayOnRequest(Day(2026, 3, 6)), Day(2026, 3, 11));
  EXPECT_EQ(EstimateDueDayOnRequest(Day(2027, 12, 30)), Day(2028, 1, 5)) << "the New Year is observed on the 31st";
}

}  // namespace
}  // namespace lumbar::booking
