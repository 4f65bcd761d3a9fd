#include "common/server/key_follower.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <algorithm>
#include <utility>

#include "common/auth/key_file.h"
#include "common/auth/key_url.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "common/telemetry/log.h"

namespace lumbar::server {
namespace {

// How often it is asked whether it is time.
constexpr absl::Duration kLookPeriod = absl::Seconds(1);
constexpr absl::Duration kStartWait = absl::Seconds(6);
constexpr absl::Duration kFileInterval = absl::Seconds(10);
// However many tokens of unknown keys come.
constexpr absl::Duration kLeastInterval = absl::Seconds(10);

template <typename Builder>
auto& Metric(Builder builder, const char* name, const char* help, const std::string& set,
             prometheus::Registry& registry) {
  return builder.Name(name).Help(help).Register(registry).Add({{"set", set}});
}

absl::StatusOr<std::unique_ptr<auth::KeySource>> SourceOf(const KeyLocation& location) {
  if (location.file.empty() == location.url.empty()) {
    return WithReason(absl::InvalidArgumentError("give either --jwks-file or --jwks-url"), "KEY_SOURCE_UNCLEAR");
  }
  if (location.url.empty()) return std::make_unique<auth::KeyFile>(location.file);
  return auth::KeyUrl::Create(location.url, location.ca_file);
}

auth::FollowOptions OptionsOf(const KeyLocation& location) {
  const absl::Duration interval = location.url.empty() ? kFileInterval : std::max(location.refresh, kLookPeriod);
  return {interval, std::min(interval, kLeastInterval)};
}

}  // namespace

KeyFollower::KeyFollower(const std::string& set, std::unique_ptr<auth::KeySource> source, auth::FollowOptions options,
                         prometheus::Registry& registry)
    : keys_(std::make_unique<auth::FollowedKeys>(std::move(source), clock_, options)),
      count_(Metric(prometheus::BuildGauge(), "lumbar_key_set_keys", "Keys that tokens are verified with.", set,
                    registry)),
      age_(Metric(prometheus::BuildGauge(), "lumbar_key_set_age_seconds",
                  "For how long the source of the keys hasn't confirmed them.", set, registry)),
      failures_(Metric(prometheus::BuildCounter(), "lumbar_key_set_refresh_failures_total",
                       "Readings of the source of the keys that found no good set; the last good one is used on.", set,
                       registry)) {}

absl::StatusOr<std::unique_ptr<KeyFollower>> KeyFollower::Start(const std::string& set, const KeyLocation& location,
                                                                prometheus::Registry& registry) {
  LUMBAR_ASSIGN_OR_RETURN(auto source, SourceOf(location));
  std::unique_ptr<KeyFollower> follower(new KeyFollower(set, std::move(source), OptionsOf(location), registry));
  auth::FollowedKeys& keys = follower->keys();
  // A file that is wrong is somebody's mistake; a server that doesn't answer may do so later.
  if (!location.file.empty()) LUMBAR_RETURN_IF_ERROR(keys.Look());
  follower->looking_ =
      std::make_unique<PeriodicTask>("keys", kLookPeriod, [looking = follower.get()] { looking->Look(); });
  follower->looking_->Wake();
  if (const absl::Status first = keys.AwaitFirst(kStartWait); !first.ok()) {
    Log(LogLevel::kError, "keys_missing",
        {{"set", set}, {"source", keys.name()}, {"reason", ReasonOf(first)}, {"message", "starting without keys"}});
  }
  return follower;
}

void KeyFollower::Look() {
  // What failed was logged, and stays to be tried again.
  keys_->Look().IgnoreError();
  count_.Set(static_cast<double>(keys_->Current()->size()));
  age_.Set(absl::ToDoubleSeconds(keys_->Age()));
  failures_.Increment(static_cast<double>(keys_->failures()) - failures_.Value());
}

}  // namespace lumbar::server
