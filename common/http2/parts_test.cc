#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/http2/flood_guard.h"
#include "common/http2/header.h"
#include "common/http2/ledger.h"

namespace lumbar::http2 {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'000'000);

Limits FewIdleFrames() {
  Limits limits;
  limits.idle_frames = 10;
  limits.idle_frames_per_second = 2;
  return limits;
}

int SpendAll(FloodGuard& guard, absl::Time now) {
  int spent = 0;
  while (guard.Spend(now)) ++spent;
  return spent;
}

TEST(Header, FindsTheFirstFieldOfAName) {
  Header header;
  header.Add({":path", "/a"});
  header.Add({"x-empty", ""});
  header.Add({"x-twice", "1"});
  header.Add({"x-twice", "2"});
  EXPECT_EQ(header.Find(":path"), "/a");
  EXPECT_EQ(header.Find("x-twice"), "1");
  EXPECT_EQ(header.Find("x-empty"), "");
  EXPECT_EQ(header.Find("x"), "") << "a part of a name is no name";
  EXPECT_EQ(header[3].value, "2");
}

TEST(FloodGuard, LetsABurstPassAndNoMore) {
  FloodGuard guard(FewIdleFrames(), kNow);
  EXPECT_EQ(SpendAll(guard, kNow), 10);
}

TEST(FloodGuard, ForgivesWithTimeUpToABurst) {
  FloodGuard guard(FewIdleFrames(), kNow);
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(guard.Spend(kNow));
  EXPECT_TRUE(guard.Spend(kNow + absl::Seconds(1)));
  EXPECT_EQ(SpendAll(guard, kNow + absl::Hours(1)), 10 + 1);
}

TEST(FloodGuard, IsPaidByAnswersMoreForLargerOnes) {
  FloodGuard guard(FewIdleFrames(), kNow);
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(guard.Spend(kNow));
  guard.Answered(0);
  EXPECT_EQ(SpendAll(guard, kNow), 4);
  guard.Answered(8192);
  EXPECT_EQ(SpendAll(guard, kNow), 7) << "eight, one of which the refusal before has taken";
}

TEST(FloodGuard, IsNotFooledByAClockThatStepsBack) {
  FloodGuard guard(FewIdleFrames(), kNow);
  EXPECT_EQ(SpendAll(guard, kNow - absl::Hours(1)), 10);
}

TEST(Ledger, CountsForAllWhatItsPartsHold) {
  Ledger loop(100);
  Ledger first(80, &loop);
  first.Hold(70);
  EXPECT_FALSE(first.Fits(20)) << "over its own limit";
  {
    Ledger second(80, &loop);
    EXPECT_TRUE(second.Fits(30));
    EXPECT_FALSE(second.Fits(31)) << "over the loop's";
    second.Hold(30);
    EXPECT_FALSE(first.Fits(1));
  }
  EXPECT_EQ(loop.held(), 70u) << "a connection's end gives back what it held";
}

}  // namespace
}  // namespace lumbar::http2
