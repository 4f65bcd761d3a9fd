#include "common/concurrency/executor.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>

namespace lumbar {
namespace {

TEST(Executor, RunsWhatItAccepts) {
  Executor executor(2, 100);
  std::atomic<int> ran = 0;
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(executor.TrySubmit([&] { ++ran; }));
  EXPECT_TRUE(executor.Drain(absl::InfiniteDuration()));
  EXPECT_EQ(ran, 100);
}

TEST(Executor, ShedsBeforeItsQueueGrows) {
  std::latch started(1);
  std::latch release(1);
  Executor executor(1, 2);
  ASSERT_TRUE(executor.TrySubmit([&] {
    started.count_down();
    release.wait();
  }));
  started.wait();
  EXPECT_TRUE(executor.TrySubmit([] {}));
  EXPECT_TRUE(executor.TrySubmit([] {}));
  EXPECT_FALSE(executor.TrySubmit([] { ADD_FAILURE() << "ran what was refused"; }));
  EXPECT_EQ(executor.running(), 1);
  EXPECT_EQ(executor.queued(), 2);
  release.count_down();
  EXPECT_TRUE(executor.Drain(absl::Seconds(30)));
  EXPECT_EQ(executor.running() + executor.queued(), 0);
}

TEST(Executor, GivesUpDrainingInTimeAndRefusesFromThenOn) {
  std::latch release(1);
  Executor executor(1, 4);
  ASSERT_TRUE(executor.TrySubmit([&] { release.wait(); }));
  EXPECT_FALSE(executor.Drain(absl::Milliseconds(1)));
  EXPECT_FALSE(executor.TrySubmit([] {}));
  release.count_down();
  EXPECT_TRUE(executor.Drain(absl::Seconds(30)));
}

TEST(Executor, ReleasesWhatATaskHeldBeforeDrainReturns) {
  Executor executor(1, 1);
  auto held = std::make_shared<int>(0);
  ASSERT_TRUE(executor.TrySubmit([held] {}));
  ASSERT_TRUE(executor.Drain(absl::Seconds(30)));
  EXPECT_EQ(held.use_count(), 1);
}

}  // namespace
}  // namespace lumbar
