// Asks Redis, and waits for no answer longer than agreed.
#pragma once

#include <absl/base/thread_annotations.h>
#include <absl/functional/any_invocable.h>
#include <absl/status/statusor.h>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "common/cache/breaker.h"
#include "common/cache/redis_connection.h"
#include "common/cache/redis_dialer.h"
#include "common/cache/redis_options.h"
#include "common/cache/shared_cache.h"
#include "common/concurrency/mutex.h"
#include "common/time/clock.h"

namespace lumbar::cache {

// One connection, on which all that is asked meanwhile goes out together, on a thread of its own; made when needed and
// again after a failure. A Redis that hangs costs `failures_to_open` calls their time-outs; then the breaker answers,
// and one probe in each cool-down finds out when it is back. Thread safe, but for Start and Stop.
class RedisClient {
 public:
  // Empty: there was no answer.
  using Replies = std::vector<Reply>;
  using Done = absl::AnyInvocable<void(Replies)>;

  // `clock`, which the breaker goes by, goes on evenly; it and `counters` outlive the client.
  // INVALID_ARGUMENT/INVALID_FIELD: the file of authorities can't be read.
  static absl::StatusOr<std::unique_ptr<RedisClient>> Make(RedisOptions options, const Clock& clock,
                                                           CallCounters& counters);
  // Stop was called, or Start wasn't.
  ~RedisClient();

  // Runs the thread; `first` is what it does first.
  void Start(std::function<void()> first);
  // Calls back for everything under way, does `last` on the loop, and ends the thread: from here on Redis is out of
  // reach. Not from the loop.
  void Stop(std::function<void()> last);

  // `commands` have as many replies as are `wanted`. Never waits; calls `done` once, at once or on the loop. Asks
  // whatever the breaker says if it is `urgent`.
  void Ask(std::string commands, size_t wanted, Done done, bool urgent = false);

  const RedisOptions& options() const { return options_; }
  boost::asio::io_context& context() { return context_; }
  RedisDialer& dialer() { return *dialer_; }

 private:
  struct Request {
    std::string commands;
    size_t wanted = 1;
    Done done;
    std::chrono::steady_clock::time_point due = {};
    Replies replies = {};
  };

  RedisClient(RedisOptions options, const Clock& clock, CallCounters& counters);
  // False: there is no room.
  bool Enter(Request& request);
  void Leave();
  // The rest is on the loop.
  void TakeIn();
  void Send();
  void OnReply(Reply reply);
  void OnClosed();
  void AwaitDue();
  void OnDue();
  void GiveUp(std::deque<Request>& requests);

  const RedisOptions options_;
  CallCounters& counters_;
  Breaker breaker_;
  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  boost::asio::steady_timer timer_;
  std::unique_ptr<RedisDialer> dialer_;

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
  std::thread thread_;
};

}  // namespace lumbar::cache
