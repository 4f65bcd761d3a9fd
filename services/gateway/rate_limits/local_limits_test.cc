#include "services/gateway/rate_limits/local_limits.h"

#include <absl/strings/str_cat.h>
#include <gtest/gtest.h>

#include "services/gateway/rate_limits/layered_limits.h"

namespace lumbar::gateway {
namespace {

// One a second, three at once.
const Rate kRate = {absl::Seconds(1), 3};

class LocalLimitsTest : public ::testing::Test {
 protected:
  bool May(const std::string& key) { return !limits_.Take({{{key, kRate}}}).empty; }

  FakeClock clock_{absl::FromUnixSeconds(1'767'323'045)};
  LocalLimits limits_{clock_, 100};
};

TEST_F(LocalLimitsTest, GivesSomeAtOnceAndThenOneEachInterval) {
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(May("a")) << i;
  EXPECT_FALSE(May("a"));
  clock_.Advance(absl::Seconds(1));
  EXPECT_TRUE(May("a"));
  EXPECT_FALSE(May("a"));
  clock_.Advance(absl::Hours(1));
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(May("a")) << i;
  EXPECT_FALSE(May("a")) << "no more than is in a full bucket";
}

TEST_F(LocalLimitsTest, TellsHowLongToWaitAndThatIsEnough) {
  for (int i = 0; i < 3; ++i) May("a");
  clock_.Advance(absl::Milliseconds(300));
  const Verdict refused = limits_.Take({{{"a", kRate}}});
  EXPECT_EQ(refused.empty, 0u);
  EXPECT_EQ(refused.limiter, Limiter::kLocal);
  EXPECT_EQ(refused.wait, absl::Milliseconds(700));
  EXPECT_EQ(limits_.EmptyFor({"a", kRate}), absl::Milliseconds(700));
  clock_.Advance(refused.wait - absl::Milliseconds(1));
  EXPECT_FALSE(May("a"));
  clock_.Advance(absl::Milliseconds(1));
  EXPECT_EQ(limits_.EmptyFor({"a", kRate}), absl::ZeroDuration());
  EXPECT_TRUE(May("a"));
}

TEST_F(LocalLimitsTest, KeepsBucketsApart) {
  for (int i = 0; i < 3; ++i) May("a");
  EXPECT_FALSE(May("a"));
  EXPECT_TRUE(May("b"));
}

TEST_F(LocalLimitsTest, TakesFromNoneIfOneIsEmpty) {
  for (int i = 0; i < 3; ++i) May("identity");
  for (int i = 0; i < 10; ++i) EXPECT_EQ(limits_.Take({{{"address", kRate}, {"identity", kRate}}}).empty, 1u);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(May("address")) << i;
}

TEST_F(LocalLimitsTest, BelievesWhoKnowsBetter) {
  limits_.Learn({"a", kRate}, absl::Milliseconds(400));
  EXPECT_EQ(limits_.EmptyFor({"a", kRate}), absl::Milliseconds(400));
  EXPECT_FALSE(May("a"));
  clock_.Advance(absl::Milliseconds(400));
  EXPECT_TRUE(May("a"));
  EXPECT_FALSE(May("a"));
}

TEST_F(LocalLimitsTest, KeepsToItsBoundAndForgetsWhoCameLongestAgo) {
  for (int i = 0; i < 3; ++i) May("first");
  for (int i = 0; i < 40; ++i) May(absl::StrCat("other-", i));
  EXPECT_FALSE(May("first"));
  for (int i = 0; i < 10'000; ++i) {
    May(absl::StrCat("flood-", i));
    ASSERT_LE(limits_.size(), 100u);
  }
  EXPECT_TRUE(May("first"));
}

TEST_F(LocalLimitsTest, IsAllThereIsWithoutRedis) {
  LayeredLimits layered(nullptr, clock_);
  Verdict last;
  for (int i = 0; i < 4; ++i) layered.Take({{"a", kRate}}, [&](const Verdict& verdict) { last = verdict; });
  EXPECT_EQ(last.empty, 0u);
  EXPECT_EQ(last.limiter, Limiter::kLocal);
  EXPECT_EQ(layered.KnownEmpty({"a", kRate})->wait, absl::Seconds(1));
  EXPECT_FALSE(layered.KnownEmpty({"b", kRate}));
}

}  // namespace
}  // namespace lumbar::gateway
