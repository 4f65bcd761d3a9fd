// Keys that a process verifies with, followed by a thread of its own and told of in metrics.
#pragma once

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include <memory>
#include <string>

#include "common/auth/followed_keys.h"
#include "common/concurrency/periodic.h"
#include "common/time/clock.h"

namespace prometheus {
class Counter;
class Gauge;
class Registry;
}  // namespace prometheus

namespace lumbar::server {

// Where a JWKS is: either a file or a URL.
struct KeyLocation {
  std::string file = {};
  std::string url = {};
  // Authorities for the URL, in PEM; empty: the system's.
  std::string ca_file = {};
  // How long a set from the URL is kept before it is read again. A file is read every ten seconds.
  absl::Duration refresh = absl::Minutes(5);
};

class KeyFollower {
 public:
  // Reads the set. A file must be good now, or Start fails as FollowedKeys::OfFile does. A server is waited for for six
  // seconds; without its answer the follower is there without keys, one line in the log says so, and it goes on
  // asking. INVALID_ARGUMENT: KEY_SOURCE_UNCLEAR, neither or both are given; KEY_URL_REFUSED.
  // Metrics, with `set` as a label: lumbar_key_set_keys, lumbar_key_set_age_seconds and
  // lumbar_key_set_refresh_failures_total.
  static absl::StatusOr<std::unique_ptr<KeyFollower>> Start(const std::string& set, const KeyLocation& location,
                                                            prometheus::Registry& registry);

  auth::FollowedKeys& keys() { return *keys_; }

 private:
  KeyFollower(const std::string& set, std::unique_ptr<auth::KeySource> source, auth::FollowOptions options,
              prometheus::Registry& registry);
  void Look();

  // Intervals go by no step of the system's time.
  const SteadyClock clock_ = {};
  const std::unique_ptr<auth::FollowedKeys> keys_;
  prometheus::Gauge& count_;
  prometheus::Gauge& age_;
  prometheus::Counter& failures_;
  // Last, so that it ends first.
  std::unique_ptr<PeriodicTask> looking_;
};

}  // namespace lumbar::server
