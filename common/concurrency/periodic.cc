#include "common/concurrency/periodic.h"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

namespace lumbar {
namespace {

constexpr size_t kLongestThreadName = 15;
// Longer periods are cut to this: a condition variable's clock would overflow on an infinite one.
constexpr absl::Duration kLongestPeriod = absl::Hours(24 * 365);

}  // namespace

PeriodicTask::PeriodicTask(absl::string_view name, absl::Duration period, std::function<void()> body)
    : period_(std::min(period, kLongestPeriod)), body_(std::move(body)), thread_([this] { Loop(); }) {
  pthread_setname_np(thread_.native_handle(), std::string(name.substr(0, kLongestThreadName)).c_str());
}

PeriodicTask::~PeriodicTask() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    changed_.NotifyAll();
  }
  thread_.join();
}

void PeriodicTask::Wake() {
  MutexLock lock(mutex_);
  if (!std::exchange(woken_, true)) changed_.NotifyAll();
}

void PeriodicTask::Loop() {
  while (AwaitTurn()) body_();
}

bool PeriodicTask::AwaitTurn() {
  const auto due = std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(period_);
  MutexLock lock(mutex_);
  while (!woken_ && !stopping_) {
    const auto left = due - std::chrono::steady_clock::now();
    if (left <= left.zero()) break;
    changed_.WaitFor(mutex_, absl::FromChrono(left));
  }
  woken_ = false;
  return !stopping_;
}

}  // namespace lumbar
