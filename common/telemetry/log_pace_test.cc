#include "common/telemetry/log_pace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lumbar {
namespace {

using ::testing::Optional;

TEST(LogPace, LetsOneLineASecondThroughAndCountsTheOthers) {
  LogPace pace;
  absl::Time now = absl::FromUnixSeconds(1'700'000'000);
  EXPECT_THAT(pace.Next(now), Optional(0));
  EXPECT_EQ(pace.Next(now), std::nullopt);
  EXPECT_EQ(pace.Next(now + absl::Milliseconds(999)), std::nullopt);
  EXPECT_THAT(pace.Next(now += absl::Seconds(1)), Optional(2));
  EXPECT_THAT(pace.Next(now += absl::Hours(1)), Optional(0));
  EXPECT_THAT(pace.Next(now - absl::Hours(2)), Optional(0)) << "the clock was set back";
}

}  // namespace
}  // namespace lumbar
