#include "services/gateway/edge/counting.h"

#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <utility>

#include "common/status/macros.h"
#include "services/gateway/rate_limits/rate.h"

namespace lumbar::gateway {

absl::StatusOr<std::unique_ptr<Counting>> Counting::Open(const CountingOptions& options,
                                                         prometheus::Registry& registry) {
  std::unique_ptr<Counting> counting(new Counting());
  AdmissionOptions& wanted = counting->options_;
  LUMBAR_ASSIGN_OR_RETURN(wanted.per_address, ParseRate("rate-per-address", options.rate_per_address));
  LUMBAR_ASSIGN_OR_RETURN(wanted.per_identity, ParseRate("rate-per-identity", options.rate_per_identity));
  LUMBAR_ASSIGN_OR_RETURN(wanted.trusted_proxies, TrustedProxies::Parse(options.trusted_proxies));
  const bool is_on = wanted.per_address || wanted.per_identity;
  if (is_on && !options.redis.empty()) LUMBAR_RETURN_IF_ERROR(counting->Share(options, registry));
  counting->limits_.emplace(counting->redis_.get(), counting->steady_);
  return counting;
}

std::shared_ptr<Admission> Counting::Admit(auth::Authenticator& authenticator, prometheus::Registry& registry) {
  return std::make_shared<Admission>(options_, *limits_, authenticator, registry);
}

absl::Status Counting::Share(const CountingOptions& options, prometheus::Registry& registry) {
  LUMBAR_ASSIGN_OR_RETURN(cache::RedisOptions redis, cache::ParseRedisUrl(options.redis));
  redis.ca_file = options.redis_ca_file;
  redis.prefix = "lumbar:gateway:";
  redis.operation_timeout = absl::Milliseconds(options.redis_timeout_ms);
  auto& shared = prometheus::BuildGauge()
                     .Name("lumbar_edge_limits_shared")
                     .Help("1 while Redis counts for all gateways together, 0 while this process counts alone")
                     .Register(registry)
                     .Add({});
  LUMBAR_ASSIGN_OR_RETURN(
      redis_, RedisLimits::Start(std::move(redis), steady_, [&shared](bool answers) { shared.Set(answers ? 1 : 0); }));
  return absl::OkStatus();
}

}  // namespace lumbar::gateway
