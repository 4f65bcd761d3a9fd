#include "common/store/write_queue.h"

#include <gmock/gmock.h>

#include <atomic>
#include <functional>
#include <latch>
#include <thread>
#include <vector>

#include "common/status/matchers.h"
#include "common/store/errors.h"

namespace lumbar::store {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::Le;
using testing::SizeIs;

absl::Status Nothing(soci::session&) { return absl::OkStatus(); }
void AnswerAll(WriteQueue::Batch batch) {
  for (WriteQueue::Request* request : batch) request->answer = absl::OkStatus();
}

// A queue whose first request is being committed until Release is called.
class WriteQueueTest : public testing::Test {
 protected:
  ~WriteQueueTest() override {
    Release();
    for (auto& thread : threads_) thread.join();
  }

  void Occupy(WriteQueue& queue) {
    std::latch leads(1);
    threads_.emplace_back([&] {
      const auto hold_up = [&](WriteQueue::Batch batch) {
        leads.count_down();
        released_.wait();
        AnswerAll(batch);
      };
      EXPECT_THAT(queue.Run(Nothing, hold_up), IsOk());
    });
    leads.wait();
  }
  void Release() {
    if (!released_.try_wait()) released_.count_down();
  }

  // Runs `use` on a thread of its own, and returns when its request waits.
  void Enqueue(const WriteQueue& queue, std::function<void()> use) {
    const size_t before = queue.waiting();
    threads_.emplace_back(std::move(use));
    while (queue.waiting() == before) std::this_thread::yield();
  }
  void Join() {
    for (auto& thread : threads_) thread.join();
    threads_.clear();
  }

  std::latch released_{1};
  std::vector<std::thread> threads_;
};

TEST_F(WriteQueueTest, LetsThoseWhoWaitShareACommitInTheOrderInWhichTheyCame) {
  WriteQueue queue({.patience = absl::InfiniteDuration()});
  std::vector<size_t> batches;
  std::vector<int> order;
  Occupy(queue);
  for (int i = 0; i < 5; ++i) {
    Enqueue(queue, [&, i] {
      const auto note = [&, i](soci::session&) { return order.push_back(i), absl::OkStatus(); };
      const auto commit = [&](WriteQueue::Batch batch) {
        batches.push_back(batch.size());
        soci::session none;
        for (WriteQueue::Request* request : batch) request->answer = request->step(none);
      };
      EXPECT_THAT(queue.Run(note, commit), IsOk());
    });
  }
  Release();
  Join();
  EXPECT_THAT(batches, ElementsAre(5));
  EXPECT_THAT(order, ElementsAre(0, 1, 2, 3, 4));
}

TEST_F(WriteQueueTest, GivesEachItsOwnAnswer) {
  WriteQueue queue({.patience = absl::InfiniteDuration()});
  Occupy(queue);
  const auto commit = [](WriteQueue::Batch batch) {
    ASSERT_THAT(batch, SizeIs(2));
    batch[0]->answer = StoreFull();
    batch[1]->answer = absl::OkStatus();
  };
  Enqueue(queue, [&] { EXPECT_EQ(queue.Run(Nothing, commit), StoreFull()); });
  Enqueue(queue, [&] { EXPECT_THAT(queue.Run(Nothing, commit), IsOk()); });
  Release();
  Join();
}

TEST_F(WriteQueueTest, BoundsABatch) {
  WriteQueue queue({.patience = absl::InfiniteDuration(), .batch = 3});
  std::vector<size_t> batches;
  Occupy(queue);
  const auto commit = [&](WriteQueue::Batch batch) {
    batches.push_back(batch.size());
    AnswerAll(batch);
  };
  for (int i = 0; i < 7; ++i) Enqueue(queue, [&] { EXPECT_THAT(queue.Run(Nothing, commit), IsOk()); });
  Release();
  Join();
  EXPECT_THAT(batches, ElementsAre(3, 3, 1));
}

TEST_F(WriteQueueTest, RefusesAtOnceWhoFindsTooManyWaiting) {
  WriteQueue queue({.patience = absl::InfiniteDuration(), .queue = 1});
  Occupy(queue);
  Enqueue(queue, [&] { EXPECT_THAT(queue.Run(Nothing, AnswerAll), IsOk()); });
  EXPECT_THAT(queue.Run(Nothing, AnswerAll), FailsWith(absl::StatusCode::kUnavailable, "STORE_BUSY"));
  Release();
  Join();
}

TEST_F(WriteQueueTest, NeverRunsWhoLostPatience) {
  WriteQueue queue({.patience = absl::Milliseconds(1)});
  Occupy(queue);
  bool ran = false;
  const auto note = [&](soci::session&) { return ran = true, absl::OkStatus(); };
  EXPECT_THAT(queue.Run(note, AnswerAll), FailsWith(absl::StatusCode::kUnavailable, "STORE_BUSY"));
  EXPECT_EQ(queue.waiting(), 0);
  Release();
  Join();
  EXPECT_THAT(queue.Run(Nothing, AnswerAll), IsOk());
  EXPECT_FALSE(ran);
}

TEST_F(WriteQueueTest, AnswersEverybodyAndLetsNobodyLeadTwiceForOneRequest) {
  constexpr int kThreads = 64, kRequests = 200;
  WriteQueue queue({.patience = absl::InfiniteDuration(), .batch = 8});
  std::atomic<int> running = 0, answered = 0;
  std::vector<int> most_led(kThreads);
  for (int i = 0; i < kThreads; ++i) {
    threads_.emplace_back([&, i] {
      for (int request = 0; request < kRequests; ++request) {
        int led = 0;
        const auto commit = [&](WriteQueue::Batch batch) {
          EXPECT_EQ(++running, 1) << "one at a time";
          ++led;
          AnswerAll(batch);
          --running;
        };
        answered += queue.Run(Nothing, commit).ok();
        most_led[static_cast<size_t>(i)] = std::max(most_led[static_cast<size_t>(i)], led);
      }
    });
  }
  Join();
  EXPECT_EQ(answered, kThreads * kRequests);
  EXPECT_THAT(most_led, Each(Le(1)));
}

}  // namespace
}  // namespace lumbar::store
