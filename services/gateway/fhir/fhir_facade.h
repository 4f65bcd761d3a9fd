// FHIR R4 on the public port: whom it answers, in which forms, and how its calls follow one another.
#pragma once

#include <absl/status/statusor.h>

#include <memory>
#include <string>

#include "common/time/clock.h"
#include "services/gateway/edge/facade.h"
#include "services/gateway/edge/limits.h"
#include "services/gateway/edge/path_matcher.h"

namespace lumbar::gateway {

struct FhirOptions {
  // The facade's address as clients know it, e.g. "https://care.example/fhir/R4"; "": as each request's Host says.
  std::string url;
  // Whether the public port itself speaks TLS.
  bool is_tls = false;
};

// Thread safe.
class FhirFacade final : public Facade {
 public:
  // `calls` measures how long calls take, `now` tells the time; both outlive the facade.
  // INVALID_ARGUMENT/INVALID_FIELD: the address isn't one.
  static absl::StatusOr<std::unique_ptr<FhirFacade>> Create(FhirOptions options, const Limits& limits,
                                                            const Clock& calls, const Clock& now);

  bool Owns(absl::string_view path) const override;
  std::string Front() const override;
  absl::Status Recognize(const HttpRequest& request, Exchange& exchange) const override;
  GiveUp Answer(const HttpRequest& request, const Exchange& exchange, Upstream& upstream, Done done) const override;
  // An OperationOutcome.
  HttpAnswer Refuse(const Exchange& exchange, const absl::Status& failure) const override;

 private:
  FhirFacade(FhirOptions options, const Limits& limits, const Clock& calls, const Clock& now);

  std::string BaseFor(const HttpRequest& request) const;

  const FhirOptions options_;
  const Limits limits_;
  const Clock& calls_;
  const Clock& now_;
  PathMatcher matcher_;
};

}  // namespace lumbar::gateway
