#include "common/auth/service_identity.h"

#include <nlohmann/json.hpp>

#include "common/status/macros.h"

namespace lumbar::auth {
namespace {

constexpr absl::Duration kLifetime = absl::Minutes(5);
constexpr absl::Duration kLeast = absl::Minutes(1);

}  // namespace

ServiceIdentity::ServiceIdentity(Signer signer, std::string subject, std::string issuer, std::string audience,
                                 const Clock& clock)
    : signer_(std::move(signer)),
      subject_(std::move(subject)),
      issuer_(std::move(issuer)),
      audience_(std::move(audience)),
      clock_(clock) {}

absl::StatusOr<std::string> ServiceIdentity::Token() {
  const absl::Time now = clock_.Now();
  MutexLock lock(mutex_);
  if (expires_ - now >= kLeast) return token_;
  const absl::Time expires = now + kLifetime;
  const nlohmann::json claims = {{"iss", issuer_},
                                 {"aud", audience_},
                                 {"sub", subject_},
                                 {"role", "service"},
                                 {"iat", absl::ToUnixSeconds(now)},
                                 {"exp", absl::ToUnixSeconds(expires)}};
  LUMBAR_ASSIGN_OR_RETURN(token_, signer_.Sign("JWT", claims));
  expires_ = expires;
  return token_;
}

}  // namespace lumbar::auth
