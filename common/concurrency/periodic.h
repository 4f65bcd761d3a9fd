// Work that comes round: relaying the outbox, expiring holds, reloading keys.
#pragma once

#include <absl/base/thread_annotations.h>
#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include <functional>
#include <thread>

#include "common/concurrency/mutex.h"

namespace lumbar {

// Runs `body` on a thread of its own: `period` after it last ended, and as soon as possible after a Wake. The first run
// comes one period after construction; call Wake to have it now. Runs never overlap. The body must not throw.
class PeriodicTask {
 public:
  // `name` is shown by debuggers and ps, cut to 15 characters.
  PeriodicTask(absl::string_view name, absl::Duration period, std::function<void()> body);
  // Starts no further run and waits for the one that is under way.
  ~PeriodicTask();
  PeriodicTask(const PeriodicTask&) = delete;
  PeriodicTask& operator=(const PeriodicTask&) = delete;

  // At least one run begins after this call; wakes that meet a waiting one become one run. Never blocks on the body.
  void Wake();

 private:
  void Loop();
  // Returns false when it is time to stop.
  bool AwaitTurn();

  const absl::Duration period_;
  const std::function<void()> body_;
  Mutex mutex_;
  CondVar changed_;
  bool woken_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  // Last, so that it starts when the rest is there.
  std::thread thread_;
};

}  // namespace lumbar
