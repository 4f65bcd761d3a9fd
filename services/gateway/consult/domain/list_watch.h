// Follows what changes in a list of consults.
#pragma once

#include <absl/base/thread_annotations.h>
#include <absl/status/statusor.h>

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "common/concurrency/mutex.h"
#include "common/rpc/call_context.h"
#include "common/rpc/stream.h"
#include "common/time/clock.h"
#include "lumbar/consult/v1/watch_calls.pb.h"
#include "services/gateway/consult/domain/list_feed.h"

namespace lumbar::gateway {

// How many lists one identity may follow at a time in one process; of a process there is rpc::kMostStreams.
inline constexpr int kMostListsOfOne = 8;

// The handler of ConsultService's WatchConsults; what it refuses is in its contract. Thread safe.
class ListWatch {
 public:
  // Both must outlive it, and it its streams.
  ListWatch(ListFeed& feed, const Clock& clock) : feed_(feed), clock_(clock) {}

  absl::StatusOr<std::unique_ptr<rpc::StreamSource>> WatchConsults(const rpc::CallContext& context,
                                                                   const consult::v1::WatchConsultsRequest& request);

  // Once a second: reads what is new, if anybody follows.
  void Refresh();

  // Counts one stream of an identity, until it is gone.
  class Seat {
   public:
    Seat(ListWatch& watch, std::string subject) : watch_(watch), subject_(std::move(subject)) {}
    ~Seat() { watch_.Leave(subject_); }
    Seat(const Seat&) = delete;
    Seat& operator=(const Seat&) = delete;

   private:
    ListWatch& watch_;
    const std::string subject_;
  };

 private:
  // RESOURCE_EXHAUSTED/TOO_MANY_STREAMS.
  absl::StatusOr<std::unique_ptr<Seat>> Sit(const std::string& subject);
  void Leave(const std::string& subject);

  ListFeed& feed_;
  const Clock& clock_;
  Mutex mutex_;
  std::map<std::string, int> seats_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace lumbar::gateway
