// The shared cache on Redis.
#pragma once

#include <absl/base/thread_annotations.h>
#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include <memory>
#include <string>
#include <vector>

#include "common/cache/breaker.h"
#include "common/cache/cache.h"
#include "common/concurrency/mutex.h"
#include "common/time/clock.h"

struct redisContext;
struct redisReply;

namespace lumbar::cache {

struct RedisOptions {
  std::string host = "127.0.0.1";
  int port = 6379;
  int database = 0;
  // How long a caller waits for an answer, at most, and how long for a new connection.
  absl::Duration operation_timeout = absl::Milliseconds(20);
  absl::Duration connect_timeout = absl::Milliseconds(20);
  // At most this many at once; a call that finds all in use is a miss at once and doesn't wait.
  int connections = 8;
  // Longer values are neither put nor given out.
  int64_t max_value_bytes = 1 << 20;
  BreakerOptions breaker;
};

// Reads "redis://host:port/database"; port and database may be left out (6379, 0), IPv6 stands in brackets.
// INVALID_ARGUMENT/INVALID_FIELD for another scheme, a user or password, or anything else. The message doesn't repeat
// the URL, which may hold a secret.
absl::StatusOr<RedisOptions> ParseRedisUrl(absl::string_view url);

// Connects when first asked and again after a failure. A Redis that hangs costs `failures_to_open` calls their
// time-outs; then the breaker answers, and one probe in each cool-down finds out when it is back. An empty value reads
// as a miss. Ignores SIGPIPE for the process: hiredis writes to connections that the server may have closed.
class RedisCache final : public Cache {
 public:
  RedisCache(RedisOptions options, const Clock& clock);
  ~RedisCache() override;

  std::optional<std::string> Get(absl::string_view key) override;
  void Put(absl::string_view key, absl::string_view value, absl::Duration ttl) override;
  void Drop(absl::string_view key) override;

  const CacheCounters& counters() const { return counters_; }

 private:
  struct CloseConnection {
    void operator()(redisContext* context) const;
  };
  struct FreeReply {
    void operator()(redisReply* reply) const;
  };
  using Connection = std::unique_ptr<redisContext, CloseConnection>;
  using Reply = std::unique_ptr<redisReply, FreeReply>;

  // One command and its answer; null when it wasn't asked or failed, which is counted.
  Reply Ask(const std::vector<absl::string_view>& command);
  Reply AskOn(Connection& connection, const std::vector<absl::string_view>& command);
  Connection Connect() const;
  // False when every connection is in use; else `connection` is an idle one, or null: connect then.
  bool CheckOut(Connection& connection);
  // After a failure all idle ones are closed too: they are as old as the one that failed.
  void CheckIn(Connection connection, bool failed);

  const RedisOptions options_;
  Breaker breaker_;
  CacheCounters counters_;
  Mutex mutex_;
  int in_use_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<Connection> idle_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace lumbar::cache
