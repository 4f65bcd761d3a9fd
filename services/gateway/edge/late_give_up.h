// Gives up what may not have begun yet.
#pragma once

#include <absl/base/thread_annotations.h>

#include <functional>
#include <memory>
#include <utility>

#include "common/concurrency/mutex.h"
#include "services/gateway/edge/upstream.h"

namespace lumbar::gateway {

// Thread safe.
class LateGiveUp : public std::enable_shared_from_this<LateGiveUp> {
 public:
  // What begins it, once; whether it was given up before. Returns what gives it up from then on.
  using Begin = std::function<GiveUp(bool is_given_up)>;

  void Start(const Begin& begin) {
    bool gone = false;
    {
      const MutexLock lock(mutex_);
      gone = given_up_;
    }
    const GiveUp give_up = begin(gone);
    {
      const MutexLock lock(mutex_);
      started_ = true;
      give_up_ = give_up;
      // Before it began it was told already.
      gone = !gone && given_up_;
    }
    if (gone && give_up != nullptr) give_up();
  }

  // Null if it has begun and can't be given up.
  GiveUp Handle() {
    const MutexLock lock(mutex_);
    if (started_) return give_up_;
    return [self = shared_from_this()] { self->GiveUpNow(); };
  }

 private:
  void GiveUpNow() {
    GiveUp give_up;
    {
      const MutexLock lock(mutex_);
      given_up_ = true;
      give_up.swap(give_up_);
    }
    if (give_up != nullptr) give_up();
  }

  Mutex mutex_;
  bool started_ ABSL_GUARDED_BY(mutex_) = false;
  bool given_up_ ABSL_GUARDED_BY(mutex_) = false;
  GiveUp give_up_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace lumbar::gateway
