// The handlers of consult.v1.AccessService.
#pragma once

#include <absl/status/statusor.h>

#include "common/rpc/call_context.h"
#include "common/time/clock.h"
#include "services/gateway/consult/domain/access_grants.h"
#include "services/gateway/consult/domain/consult_store.h"

namespace lumbar::gateway {

// A grant of which the caller doesn't say how long it is for.
inline constexpr absl::Duration kUsualGrant = absl::Minutes(30);
// Live grants of one clinician.
inline constexpr int kMostGrants = 10;

// Each method promises what the contract says of it.
class AccessDesk {
 public:
  // All must outlive it.
  AccessDesk(AccessGrants& grants, ConsultStore& cases, const Clock& clock)
      : grants_(grants), cases_(cases), clock_(clock) {}

  absl::StatusOr<consult::v1::BreakGlassResponse> BreakGlass(const rpc::CallContext& context,
                                                             const consult::v1::BreakGlassRequest& request);
  absl::StatusOr<consult::v1::ListAccessGrantsResponse> ListAccessGrants(
      const rpc::CallContext& context, const consult::v1::ListAccessGrantsRequest& request);
  absl::StatusOr<consult::v1::RevokeAccessGrantResponse> RevokeAccessGrant(
      const rpc::CallContext& context, const consult::v1::RevokeAccessGrantRequest& request);

 private:
  AccessGrants& grants_;
  ConsultStore& cases_;
  const Clock& clock_;
};

}  // namespace lumbar::gateway
