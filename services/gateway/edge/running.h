// How many exchanges are under way.
#pragma once

#include <absl/base/thread_annotations.h>

#include <cstddef>
#include <memory>

#include "common/concurrency/mutex.h"

namespace lumbar::gateway {

// Thread safe.
class Running {
 public:
  void Enter() {
    const MutexLock lock(mutex_);
    ++count_;
  }
  void Leave() {
    // Notified under the lock: whoever waits may destroy this as soon as the lock is free.
    const MutexLock lock(mutex_);
    if (--count_ == 0) none_.NotifyAll();
  }
  // Entered, and left with the last pointer to it.
  std::shared_ptr<void> Stay() {
    Enter();
    return {this, [this](void*) { Leave(); }};
  }
  // Returns when none is; no other may begin meanwhile.
  void AwaitNone() {
    const MutexLock lock(mutex_);
    while (count_ > 0) none_.Wait(mutex_);
  }

 private:
  Mutex mutex_;
  CondVar none_;
  size_t count_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace lumbar::gateway
