#include "common/concurrency/batch_task.h"

#include <gtest/gtest.h>

#include <latch>

namespace lumbar {
namespace {

constexpr absl::Duration kNever = absl::InfiniteDuration();

TEST(BatchTask, GoesOnAtOnceWhileThereIsMore) {
  std::latch third(3);
  int batches = 0;
  BatchTask task("more", kNever, [&] {
    third.count_down();
    return ++batches < 3;
  });
  task.Wake();
  third.wait();
}

TEST(BatchTask, IsGoneAfterTheBatchUnderWayHoweverMuchThereIs) {
  std::latch began(1);
  int batches = 0;
  {
    BatchTask task("endless", kNever, [&] {
      if (++batches == 1) began.count_down();
      return true;
    });
    task.Wake();
    began.wait();
  }
  EXPECT_GE(batches, 1);
}

TEST(BatchTask, BeginsNoBatchOnceStopped) {
  std::latch began(1), release(1);
  int batches = 0;
  {
    BatchTask task("stopped", kNever, [&] {
      ++batches;
      began.count_down();
      release.wait();
      return true;
    });
    task.Wake();
    began.wait();
    task.Stop();
    task.Wake();
    release.count_down();
  }
  EXPECT_EQ(batches, 1);
}

}  // namespace
}  // namespace lumbar
