#include "common/concurrency/periodic.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>

namespace lumbar {
namespace {

TEST(PeriodicTask, RunsAgainAndAgain) {
  std::atomic<int> runs = 0;
  std::latch third(1);
  PeriodicTask task("again", absl::Milliseconds(1), [&] {
    if (++runs == 3) third.count_down();
  });
  third.wait();
}

TEST(PeriodicTask, RunsAtAWakeWithoutWaitingForItsPeriod) {
  std::latch ran(1);
  PeriodicTask task("wake", absl::Hours(1), [&] { ran.count_down(); });
  task.Wake();
  ran.wait();
}

TEST(PeriodicTask, RunsOnceMoreWhenWokenDuringARunAndNeverOverlapsItself) {
  std::atomic<int> runs = 0;
  std::atomic<int> inside = 0;
  std::latch in_first(1);
  std::latch release_first(1);
  std::latch second(1);
  PeriodicTask task("overlap", absl::InfiniteDuration(), [&] {
    EXPECT_EQ(++inside, 1);
    if (++runs == 1) {
      in_first.count_down();
      release_first.wait();
    } else {
      second.count_down();
    }
    --inside;
  });
  task.Wake();
  in_first.wait();
  for (int i = 0; i < 10; ++i) task.Wake();
  EXPECT_EQ(runs, 1);
  release_first.count_down();
  second.wait();
}

TEST(PeriodicTask, StopsAtOnceWithoutARun) {
  std::atomic<int> runs = 0;
  {
    PeriodicTask task("stop", absl::Hours(1), [&] { ++runs; });
  }
  EXPECT_EQ(runs, 0);
}

TEST(PeriodicTask, FinishesTheRunUnderWayBeforeItIsGone) {
  std::latch started(1);
  std::atomic<bool> finished = false;
  {
    PeriodicTask task("finish", absl::Hours(1), [&] {
      started.count_down();
      for (int i = 0; i < 1000; ++i) std::this_thread::yield();
      finished = true;
    });
    task.Wake();
    started.wait();
  }
  EXPECT_TRUE(finished);
}

}  // namespace
}  // namespace lumbar
