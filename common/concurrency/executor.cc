#include "common/concurrency/executor.h"

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>

#include <algorithm>
#include <chrono>

namespace lumbar {
namespace {

// Longer waits are cut to this: a condition variable's clock would overflow on an infinite one.
constexpr absl::Duration kLongestDrain = absl::Hours(24);

}  // namespace

Executor::Executor(int threads, int queue_limit)
    : limit_(threads + queue_limit), pool_(std::make_unique<boost::asio::thread_pool>(threads)) {}

Executor::~Executor() {
  pool_->stop();
  pool_->join();
}

bool Executor::TrySubmit(std::function<void()> task) {
  {
    MutexLock lock(mutex_);
    if (draining_ || running_ + queued_ >= limit_) return false;
    ++queued_;
  }
  boost::asio::post(*pool_, [this, task = std::move(task)]() mutable { Run(std::move(task)); });
  return true;
}

void Executor::Run(std::function<void()> task) {
  {
    MutexLock lock(mutex_);
    --queued_;
    ++running_;
  }
  task();
  // What the task captured is gone before Drain returns.
  task = nullptr;
  MutexLock lock(mutex_);
  --running_;
  finished_.NotifyAll();
}

bool Executor::Drain(absl::Duration timeout) {
  const auto deadline = std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(std::min(timeout, kLongestDrain));
  MutexLock lock(mutex_);
  draining_ = true;
  while (running_ + queued_ > 0) {
    const auto left = deadline - std::chrono::steady_clock::now();
    if (left <= left.zero()) return false;
    finished_.WaitFor(mutex_, absl::FromChrono(left));
  }
  return true;
}

int Executor::running() const {
  MutexLock lock(mutex_);
  return running_;
}

int Executor::queued() const {
  MutexLock lock(mutex_);
  return queued_;
}

}  // namespace lumbar
