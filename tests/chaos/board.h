// What the clients of a run tell each other, so that they meet at the same holds, appointments and keys.
#pragma once

#include <absl/base/thread_annotations.h>

#include <optional>
#include <random>
#include <vector>

#include "common/concurrency/mutex.h"
#include "tests/chaos/history.h"

namespace lumbar::chaos {

// Thread safe.
class Board {
 public:
  explicit Board(const Config& config) : config_(config) {}

  // What to do next. `random` is the client's own.
  Invocation Choose(std::mt19937_64& random);
  // Makes the answer to `call` known.
  void Publish(const Invocation& call, const Return& result);

 private:
  Invocation Replay(std::mt19937_64& random, bool other_body) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Invocation Create(std::mt19937_64& random) const;
  Invocation OnHold(std::mt19937_64& random, const char* method) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Invocation OnAppointment(std::mt19937_64& random, const char* method) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Invocation Read(std::mt19937_64& random) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Config& config_;
  Mutex mutex_;
  std::vector<Visit> holds_ ABSL_GUARDED_BY(mutex_);
  std::vector<Visit> booked_ ABSL_GUARDED_BY(mutex_);
  // Any that ever were, for reads.
  std::vector<std::string> names_ ABSL_GUARDED_BY(mutex_);
  std::vector<Invocation> answered_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace lumbar::chaos
