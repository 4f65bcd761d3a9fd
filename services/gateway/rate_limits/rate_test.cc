#include "services/gateway/rate_limits/rate.h"

#include <gtest/gtest.h>

#include "common/status/matchers.h"

namespace lumbar::gateway {
namespace {

TEST(RateTest, IsSoManyASecondAndSoManyAtOnce) {
  ASSERT_OK_AND_ASSIGN(const auto rate, ParseRate("rate", "20:100"));
  ASSERT_TRUE(rate);
  EXPECT_EQ(rate->interval, absl::Milliseconds(50));
  EXPECT_EQ(rate->burst, 100);
  ASSERT_OK_AND_ASSIGN(const auto slow, ParseRate("rate", "0.1:1"));
  EXPECT_EQ(slow->interval, absl::Seconds(10));
}

TEST(RateTest, MayBeOff) {
  ASSERT_OK_AND_ASSIGN(const auto rate, ParseRate("rate", "off"));
  EXPECT_FALSE(rate);
}

TEST(RateTest, RefusesWhatIsNoRate) {
  for (const char* text : {"", "20", "20:", ":5", "20:0", "0:5", "-1:5", "nan:5", "inf:5", "1e9:5", "20:5:1", "2O:5",
                           "1e-9:5", "20:1.5", "Off", "20:99999999999"}) {
    EXPECT_THAT(ParseRate("rate-per-address", text), FailsWith(absl::StatusCode::kInvalidArgument, "INVALID_FIELD"))
        << text;
  }
}

}  // namespace
}  // namespace lumbar::gateway
