// Where Redis is, and how long anybody waits for it.
#pragma once

#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include <string>
#include <utility>
#include <vector>

#include "common/cache/breaker.h"

namespace lumbar::cache {

struct RedisAddress {
  std::string host;
  int port = 6379;
};

struct RedisOptions {
  // The server, or with `master` the sentinels that know where it is.
  std::vector<RedisAddress> addresses = {{"127.0.0.1", 6379}};
  // What sentinels call the server; empty: there are none.
  std::string master;
  std::string user;
  std::string password;
  int database = 0;
  // Of the server, not of sentinels. Its certificate is checked against the system's authorities or `ca_file`.
  bool tls = false;
  std::string ca_file;
  // Before every key, so that programs share a server.
  std::string prefix = "lumbar:";
  // How long a caller waits for an answer, and how long a connection may take to be made.
  absl::Duration operation_timeout = absl::Milliseconds(20);
  absl::Duration connect_timeout = absl::Milliseconds(250);
  // Commands under way at once, at most; a call beyond them is a miss at once.
  size_t most_under_way = 1024;
  // Longer values are neither put nor given out.
  int64_t max_value_bytes = 1 << 20;
  BreakerOptions breaker;
};

// Reads "redis://user:password@host:port/database", "rediss://..." for TLS, and
// "redis+sentinel://user:password@host:port,host:port/master/database"; all but hosts and master may be left out (port
// 6379, sentinels' 26379), IPv6 stands in brackets, and %XX in user and password is decoded.
// INVALID_ARGUMENT/INVALID_FIELD for anything else. The message doesn't repeat the URL, which may hold a secret.
absl::StatusOr<RedisOptions> ParseRedisUrl(absl::string_view url);

}  // namespace lumbar::cache
