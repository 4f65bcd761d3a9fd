// Who may be handled now: asked for every request that comes in, whichever protocol carries it.
#pragma once

#include <absl/status/status.h>
#include <absl/strings/string_view.h>
#include <boost/asio/ip/address.hpp>

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/auth/authenticator.h"
#include "services/gateway/edge/client_address.h"
#include "services/gateway/edge/upstream.h"
#include "services/gateway/rate_limits/rate_limits.h"

namespace prometheus {
class Counter;
class Registry;
}  // namespace prometheus

namespace lumbar::gateway {

// Where a request came from.
struct Visitor {
  boost::asio::ip::address peer;
  // Runs a task on the connection's loop: at once if that is where we are. A task that comes after the connection's end
  // may be dropped.
  std::function<void(std::function<void()>)> on_loop = [](const std::function<void()>& task) { task(); };
};

// What its header says of that.
struct Credentials {
  // All fields of X-Forwarded-For, joined by commas.
  std::string forwarded_for;
  // Of all fields of Authorization; more than one count as none.
  std::vector<absl::string_view> authorization;
};

struct AdmissionOptions {
  // Nothing: no limit.
  std::optional<Rate> per_address;
  std::optional<Rate> per_identity;
  TrustedProxies trusted_proxies;
};

// Every request counts against its address, and one with a good token also against whom the token names: a forged one
// spends nobody's budget. Thread safe.
class Admission {
 public:
  // Everybody is admitted.
  Admission() = default;
  // `limits` and `authenticator` outlive the admission.
  Admission(AdmissionOptions options, RateLimits& limits, auth::Authenticator& authenticator,
            prometheus::Registry& registry);

  // Goes on with a request: OK, RESOURCE_EXHAUSTED/RATE_LIMITED, or CANCELLED/CLIENT_GONE if it was given up meanwhile.
  // Returns what gives up what it began.
  using Proceed = std::function<GiveUp(const absl::Status&)>;

  // Calls `proceed` once, on the visitor's loop, before it returns or later. What it returns gives the request up at
  // any time; null: there is nothing to give up.
  GiveUp Admit(const Visitor& visitor, const Credentials& credentials, Proceed proceed);
  const TrustedProxies& trusted_proxies() const { return options_.trusted_proxies; }

 private:
  enum Kind : size_t { kAddress, kIdentity, kKinds };
  // The count of one kind that was kept by one limiter.
  struct Counters {
    prometheus::Counter* allowed = nullptr;
    prometheus::Counter* refused = nullptr;
  };

  std::optional<Bucket> AddressBucket(const Visitor& visitor, const Credentials& credentials) const;
  std::optional<Bucket> IdentityBucket(const Credentials& credentials) const;
  absl::Status Decide(const std::vector<Kind>& kinds, const Verdict& verdict) const;

  const AdmissionOptions options_ = {};
  RateLimits* const limits_ = nullptr;
  auth::Authenticator* const authenticator_ = nullptr;
  // By kind and limiter.
  std::array<std::array<Counters, 2>, kKinds> counters_ = {};
};

}  // namespace lumbar::gateway
