// The shared cache on Redis.
#pragma once

#include <absl/base/thread_annotations.h>
#include <absl/strings/string_view.h>
#include <absl/time/time.h>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <deque>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "common/cache/breaker.h"
#include "common/cache/redis_dialer.h"
#include "common/cache/redis_link.h"
#include "common/cache/redis_options.h"
#include "common/cache/shared_cache.h"
#include "common/concurrency/mutex.h"
#include "common/time/clock.h"

namespace lumbar::cache {

// One connection for commands, on which all that is asked meanwhile goes out together, and one that follows changes
// (redis_link.h), both on a thread of its own; made when needed and again after a failure. A Redis that hangs costs
// `failures_to_open` calls their time-outs; then the breaker answers, and one probe in each cool-down finds out when it
// is back. Stamps are asked always: a change is rare, and must be told. An empty value reads as a miss.
class RedisCache final : public SharedCache {
 public:
  // `clock`, which the breaker and the followers go by, goes on evenly. INVALID_ARGUMENT/INVALID_FIELD: the file of
  // authorities can't be read.
  static absl::StatusOr<std::unique_ptr<RedisCache>> Start(RedisOptions options, SharedEvents events,
                                                           const Clock& clock);
  // Ends as Stop does.
  ~RedisCache() override;

  void Get(absl::string_view key, absl::AnyInvocable<void(Found)> done) override;
  void Put(absl::string_view key, absl::string_view stamp, absl::string_view value, absl::Duration ttl,
           absl::AnyInvocable<void(Outcome)> done) override;
  void Stamp(absl::string_view key, absl::string_view stamp, absl::Duration ttl,
             absl::AnyInvocable<void(Outcome)> done) override;
  void Drop(absl::string_view key) override;

  // Calls back for everything under way, tells nothing any more, and ends the thread: from here on it is out of reach.
  void Stop();

  const CacheCounters& counters() const { return counters_; }

 private:
  // Empty: there was no answer.
  using Replies = std::vector<Reply>;
  struct Request {
    std::string commands;
    size_t wanted = 1;
    absl::AnyInvocable<void(Replies)> done;
    // Asked whatever the breaker says.
    bool urgent = false;
    std::chrono::steady_clock::time_point due = {};
    Replies replies = {};
  };

  RedisCache(RedisOptions options, SharedEvents events, const Clock& clock);
  void Ask(Request request);
  void Fail(Request& request);
  // The rest is on the loop.
  void TakeIn();
  void Send();
  void OnReply(Reply reply);
  void OnClosed();
  void AwaitDue();
  void OnDue();
  void GiveUp(std::deque<Request>& requests);

  const RedisOptions options_;
  const SharedEvents events_;
  const std::string value_prefix_, stamp_prefix_, channel_;
  Breaker breaker_;
  CacheCounters counters_;
  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  boost::asio::steady_timer timer_;
  std::unique_ptr<RedisDialer> dialer_;
  std::unique_ptr<RedisLink> link_;

  Mutex mutex_;
  std::vector<Request> asked_ ABSL_GUARDED_BY(mutex_);
  size_t under_way_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;

  std::shared_ptr<RedisConnection> connection_;
  bool dialling_ = false;
  bool ended_ = false;
  bool awaiting_ = false;
  // The oldest in front, and so the first to be due.
  std::deque<Request> waiting_;
  std::deque<Request> sent_;
  // Last, so that it starts when the rest is there.
  std::thread thread_;
};

}  // namespace lumbar::cache
