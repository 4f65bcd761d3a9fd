// Who waits to write while another commits. On an engine with one writer a commit costs a wait for the disk whether it
// carries one change or a hundred, so those that wait share the next one.
#pragma once

#include <absl/base/thread_annotations.h>
#include <absl/functional/function_ref.h>
#include <absl/status/status.h>
#include <absl/time/time.h>
#include <absl/types/span.h>
#include <soci/soci.h>

#include <deque>

#include "common/concurrency/mutex.h"

namespace lumbar::store {

// No thread of its own: the first to come leads. It commits for itself and for all that wait by then, in the order in
// which they came, answers them and lets the first that came meanwhile lead. Nobody waits for company, and nobody leads
// more than the batch in which its own request is. Thread safe.
class WriteQueue {
 public:
  struct Request {
    explicit Request(absl::FunctionRef<absl::Status(soci::session&)> wanted) : step(wanted) {}

    const absl::FunctionRef<absl::Status(soci::session&)> step;
    absl::Status answer;

   private:
    friend class WriteQueue;
    enum class State { kWaiting, kTaken, kAnswered };
    State state = State::kWaiting;
    CondVar changed;
  };
  using Batch = absl::Span<Request* const>;
  // Fills the answers of a batch, which are given once it returns. Called by one thread at a time.
  using Commit = absl::FunctionRef<void(Batch batch)>;

  struct Limits {
    // How long a request waits for its turn.
    absl::Duration patience;
    size_t batch = 128;
    size_t queue = 4096;
  };

  explicit WriteQueue(Limits limits) : limits_(limits) {}

  // Returns the answer that a call of `commit`, by this thread or by another, gave to `step`.
  // UNAVAILABLE/STORE_BUSY, and nothing happened: its turn didn't come in time, or too many wait.
  absl::Status Run(absl::FunctionRef<absl::Status(soci::session&)> step, Commit commit);

  // A gauge: how many wait for their turn.
  size_t waiting() const;

 private:
  // Waits until `own` is answered, may lead, or lost its patience; returns false for the last.
  bool AwaitTurn(Request& own) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Lead(Commit commit) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void WakeNextLeader() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Limits limits_;
  mutable Mutex mutex_;
  std::deque<Request*> waiting_ ABSL_GUARDED_BY(mutex_);
  bool led_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace lumbar::store
