// Work that comes round and is done in batches: relaying an outbox, sweeping tables.
#pragma once

#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include <atomic>
#include <functional>
#include <utility>

#include "common/concurrency/periodic.h"

namespace lumbar {

// A PeriodicTask whose runs go on from batch to batch while `batch` says that there may be more.
class BatchTask {
 public:
  BatchTask(absl::string_view name, absl::Duration period, std::function<bool()> batch)
      : batch_(std::move(batch)), task_(name, period, [this] { Run(); }) {}
  // Waits for the batch that is under way.
  ~BatchTask() { Stop(); }

  void Wake() { task_.Wake(); }
  // Begins no further batch.
  void Stop() { stopping_ = true; }

 private:
  void Run() {
    while (!stopping_ && batch_()) continue;
  }

  std::atomic<bool> stopping_ = false;
  const std::function<bool()> batch_;
  // Last, so that it starts when the rest is there.
  PeriodicTask task_;
};

}  // namespace lumbar
