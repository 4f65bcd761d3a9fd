// The clients of a run: each makes one call after the other, and repeats under the same request_id what it got no
// answer to.
#pragma once

#include <absl/base/thread_annotations.h>
#include <absl/time/time.h>
#include <grpcpp/alarm.h>
#include <grpcpp/grpcpp.h>

#include <atomic>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "common/concurrency/mutex.h"
#include "lumbar/booking/v1/booking_service.grpc.pb.h"
#include "tests/chaos/board.h"
#include "tests/chaos/recorder.h"
#include "tests/chaos/world.h"

namespace lumbar::chaos {

// How many calls there were so far.
struct Counts {
  std::atomic<int64_t> calls = 0;
  std::atomic<int64_t> answered = 0;
  std::atomic<int64_t> unknown = 0;
};

class Callers {
 public:
  struct Options {
    // HOST:PORT of each replica.
    std::vector<std::string> targets;
    int clients = 32;
    uint64_t seed = 1;
    absl::Duration lasts = absl::Seconds(60);
  };

  // All must outlive it.
  Callers(const World& world, Recorder& recorder, Options options);
  ~Callers();

  absl::Status Start();
  // Waits up to `timeout`; returns whether every client has ended.
  bool WaitFor(absl::Duration timeout);
  const Counts& counts() const { return counts_; }

 private:
  class Client;
  using Stub = booking::v1::BookingService::StubInterface;

  void Ended();

  const World& world_;
  Recorder& recorder_;
  const Options options_;
  Board board_;
  Counts counts_;
  std::atomic<int64_t> ops_ = 0;
  absl::Time end_;
  std::vector<std::string> tokens_;
  std::vector<std::unique_ptr<Stub>> stubs_;
  std::vector<std::unique_ptr<Client>> clients_;
  Mutex mutex_;
  CondVar all_ended_;
  int running_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace lumbar::chaos
