// Where blocking work runs, so that the transport's threads never block.
#pragma once

#include <absl/base/thread_annotations.h>
#include <absl/time/time.h>

#include <functional>
#include <memory>

#include "common/concurrency/mutex.h"

namespace boost::asio {
class thread_pool;
}

namespace lumbar {

// A fixed set of threads and a bounded queue. At most `threads` tasks run and `queue_limit` wait; more is refused, so
// that an overloaded service sheds work at once and doesn't answer late. Tasks must not throw. Thread safe.
class Executor {
 public:
  Executor(int threads, int queue_limit);
  // Waits for the tasks that run and abandons those that wait; call Drain first to let them finish.
  ~Executor();
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;

  // Returns false, and drops the task unrun, when the executor is full or draining. Never blocks.
  [[nodiscard]] bool TrySubmit(std::function<void()> task);

  // Refuses new work from now on and waits up to `timeout` for the accepted. Returns whether all of it finished.
  bool Drain(absl::Duration timeout);

  // Gauges; tasks that run and tasks that wait.
  int running() const;
  int queued() const;
  int limit() const { return limit_; }

 private:
  void Run(std::function<void()> task);

  const int limit_;
  mutable Mutex mutex_;
  CondVar finished_;
  int running_ ABSL_GUARDED_BY(mutex_) = 0;
  int queued_ ABSL_GUARDED_BY(mutex_) = 0;
  bool draining_ ABSL_GUARDED_BY(mutex_) = false;
  // Last, so that its threads end before what they use.
  std::unique_ptr<boost::asio::thread_pool> pool_;
};

}  // namespace lumbar
