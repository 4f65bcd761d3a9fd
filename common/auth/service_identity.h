// Who this process is when it calls another service.
#pragma once

#include <absl/base/thread_annotations.h>
#include <absl/status/statusor.h>

#include <string>

#include "common/auth/signer.h"
#include "common/concurrency/mutex.h"
#include "common/time/clock.h"

namespace lumbar::auth {

// Mints its own short-lived tokens in the role `service`. Thread safe.
class ServiceIdentity {
 public:
  // `subject` is e.g. "services/booking"; `clock` must outlive it.
  ServiceIdentity(Signer signer, std::string subject, std::string issuer, std::string audience, const Clock& clock);

  // A token with at least a minute left; one signature serves for about four minutes.
  absl::StatusOr<std::string> Token();

 private:
  const Signer signer_;
  const std::string subject_;
  const std::string issuer_;
  const std::string audience_;
  const Clock& clock_;
  Mutex mutex_;
  std::string token_ ABSL_GUARDED_BY(mutex_);
  absl::Time expires_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
};

}  // namespace lumbar::auth
