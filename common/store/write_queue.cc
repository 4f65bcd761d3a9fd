#include "common/store/write_queue.h"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "common/store/errors.h"

namespace lumbar::store {
namespace {

// A condition variable's clock would overflow on an infinite wait.
constexpr absl::Duration kLongestPatience = absl::Hours(24);

}  // namespace

absl::Status WriteQueue::Run(absl::FunctionRef<absl::Status(soci::session&)> step, Commit commit) {
  Request own(step);
  MutexLock lock(mutex_);
  if (waiting_.size() >= limits_.queue) return StoreBusy();
  waiting_.push_back(&own);
  if (!AwaitTurn(own)) return StoreBusy();
  if (own.state == Request::State::kWaiting) Lead(commit);
  return std::move(own.answer);
}

size_t WriteQueue::waiting() const {
  MutexLock lock(mutex_);
  return waiting_.size();
}

bool WriteQueue::AwaitTurn(Request& own) {
  const auto end =
      std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(std::min(limits_.patience, kLongestPatience));
  while (own.state != Request::State::kAnswered) {
    if (own.state == Request::State::kTaken) {
      own.changed.Wait(mutex_);
      continue;
    }
    if (!led_ && waiting_.front() == &own) return true;
    const auto left = end - std::chrono::steady_clock::now();
    if (left <= left.zero()) {
      std::erase(waiting_, &own);
      WakeNextLeader();
      return false;
    }
    own.changed.WaitFor(mutex_, absl::FromChrono(left));
  }
  return true;
}

void WriteQueue::Lead(Commit commit) {
  led_ = true;
  const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(std::min(waiting_.size(), limits_.batch));
  const std::vector<Request*> batch(waiting_.begin(), end);
  waiting_.erase(waiting_.begin(), end);
  for (Request* request : batch) request->state = Request::State::kTaken;
  mutex_.Unlock();
  commit(batch);
  mutex_.Lock();
  led_ = false;
  WakeNextLeader();
  // Under the lock: who finds itself answered takes its request, and what it waits on, away.
  for (Request* request : batch) {
    request->state = Request::State::kAnswered;
    request->changed.NotifyOne();
  }
}

void WriteQueue::WakeNextLeader() {
  if (!led_ && !waiting_.empty()) waiting_.front()->changed.NotifyOne();
}

}  // namespace lumbar::store
