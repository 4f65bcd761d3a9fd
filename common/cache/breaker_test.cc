#include "common/cache/breaker.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace lumbar::cache {
namespace {

class BreakerTest : public ::testing::Test {
 protected:
  void Fail(int times) {
    for (int i = 0; i < times; ++i) {
      ASSERT_TRUE(breaker_.Allow());
      breaker_.Failed();
    }
  }

  FakeClock clock_{absl::FromUnixSeconds(1'700'000'000)};
  Breaker breaker_{clock_, {.failures_to_open = 3, .cool_down = absl::Seconds(1), .jitter = 0.5}};
};

TEST_F(BreakerTest, OpensAfterFailuresInARow) {
  Fail(3);
  EXPECT_FALSE(breaker_.Allow());
}

TEST_F(BreakerTest, StaysClosedWhenASuccessComesBetween) {
  Fail(2);
  breaker_.Succeeded();
  Fail(2);
  EXPECT_TRUE(breaker_.Allow());
}

TEST_F(BreakerTest, LetsOneCallerProbeAfterTheCoolDown) {
  Fail(3);
  clock_.Advance(absl::Milliseconds(999));
  EXPECT_FALSE(breaker_.Allow());
  clock_.Advance(absl::Milliseconds(501));
  std::atomic<int> allowed = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) threads.emplace_back([&] { allowed += breaker_.Allow() ? 1 : 0; });
  }
  EXPECT_EQ(allowed, 1);
}

TEST_F(BreakerTest, ClosesWhenTheProbeSucceeds) {
  Fail(3);
  clock_.Advance(absl::Milliseconds(1500));
  ASSERT_TRUE(breaker_.Allow());
  breaker_.Succeeded();
  EXPECT_TRUE(breaker_.Allow());
  EXPECT_TRUE(breaker_.Allow());
}

TEST_F(BreakerTest, OpensAgainWhenTheProbeFails) {
  Fail(3);
  clock_.Advance(absl::Milliseconds(1500));
  Fail(1);
  EXPECT_FALSE(breaker_.Allow());
  clock_.Advance(absl::Milliseconds(1500));
  EXPECT_TRUE(breaker_.Allow());
}

TEST_F(BreakerTest, IsNotClosedByACallThatBeganBeforeItOpened) {
  ASSERT_TRUE(breaker_.Allow());
  Fail(3);
  breaker_.Succeeded();
  EXPECT_FALSE(breaker_.Allow());
}

TEST_F(BreakerTest, ACallThatSaysNothingNeitherClosesNorOpensIt) {
  Fail(2);
  ASSERT_TRUE(breaker_.Allow());
  breaker_.Undecided();
  Fail(1);
  EXPECT_FALSE(breaker_.Allow()) << "the third failure in a row";
  clock_.Advance(absl::Milliseconds(1500));
  ASSERT_TRUE(breaker_.Allow());
  breaker_.Undecided();
  ASSERT_TRUE(breaker_.Allow()) << "somebody must still find out";
  EXPECT_FALSE(breaker_.Allow());
  breaker_.Succeeded();
  EXPECT_TRUE(breaker_.Allow());
}

TEST_F(BreakerTest, ProbesAfterTheClockWasSetBack) {
  Fail(3);
  clock_.Advance(-absl::Hours(3));
  EXPECT_TRUE(breaker_.Allow());
}

TEST_F(BreakerTest, SpreadsItsProbes) {
  int early = 0;
  for (int i = 0; i < 200; ++i) {
    Breaker breaker(clock_, {.failures_to_open = 1, .cool_down = absl::Seconds(1), .jitter = 0.5});
    ASSERT_TRUE(breaker.Allow());
    breaker.Failed();
    FakeClock start(clock_.Now());
    clock_.Advance(absl::Milliseconds(1250));
    early += breaker.Allow() ? 1 : 0;
    clock_.Set(start.Now());
  }
  EXPECT_GT(early, 50);
  EXPECT_LT(early, 150);
}

}  // namespace
}  // namespace lumbar::cache
