// How often somebody may ask, and who keeps count: as the command line says.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <memory>
#include <optional>
#include <string>

#include "common/auth/authenticator.h"
#include "common/time/clock.h"
#include "services/gateway/edge/admission.h"
#include "services/gateway/rate_limits/layered_limits.h"

namespace lumbar::gateway {

struct CountingOptions {
  // A clinic may be many people behind one address, whose pages make several calls each.
  std::string rate_per_address = "50:300";
  std::string rate_per_identity = "20:100";
  std::string trusted_proxies;
  // Empty: this process counts alone.
  std::string redis;
  std::string redis_ca_file;
  int redis_timeout_ms = 20;
};

// The limits, and Redis if gateways count together. It outlives the admissions that it hands out.
class Counting {
 public:
  // INVALID_ARGUMENT/INVALID_FIELD: an option that can't be read.
  static absl::StatusOr<std::unique_ptr<Counting>> Open(const CountingOptions& options, prometheus::Registry& registry);

  std::shared_ptr<Admission> Admit(auth::Authenticator& authenticator, prometheus::Registry& registry);

 private:
  Counting() = default;

  absl::Status Share(const CountingOptions& options, prometheus::Registry& registry);

  const SteadyClock steady_ = {};
  AdmissionOptions options_;
  std::unique_ptr<RedisLimits> redis_;
  std::optional<LayeredLimits> limits_;
};

}  // namespace lumbar::gateway
