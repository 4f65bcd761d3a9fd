// Where grants to read a consult are kept. Every change is one transaction.
#pragma once

#include <absl/functional/function_ref.h>
#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include "common/store/mutation.h"
#include "lumbar/consult/v1/access_service.pb.h"

namespace lumbar::gateway {

// Thread safe. Every function can also fail as common/store says.
class AccessGrants {
 public:
  virtual ~AccessGrants() = default;

  // Takes a new grant down, unless its holder has `most` that are live at its create_time, however many ask at once. A
  // repeated request_id returns the grant as it was given. RESOURCE_EXHAUSTED/TOO_MANY_GRANTS,
  // INVALID_ARGUMENT/REQUEST_ID_REUSED.
  virtual absl::StatusOr<consult::v1::AccessGrant> Create(const store::Mutation& mutation,
                                                          const consult::v1::AccessGrant& wanted, int most) = 0;

  // Whether `holder` may read `consult` at `now` by a grant that is neither expired nor revoked.
  virtual absl::StatusOr<bool> IsLive(absl::string_view consult, absl::string_view holder, absl::Time now) = 0;

  // Applies `change` to the stored grant, or to nothing at all if it fails. A repeated request_id doesn't apply it
  // again and returns the grant as it was then. `change` may run again on what somebody else made of the grant
  // meanwhile. NOT_FOUND/ACCESS_GRANT_NOT_FOUND, INVALID_ARGUMENT/REQUEST_ID_REUSED.
  virtual absl::StatusOr<consult::v1::AccessGrant> Change(
      const store::Mutation& mutation, absl::string_view name,
      absl::FunctionRef<absl::Status(consult::v1::AccessGrant&)> change) = 0;

  // As the contract says of ListAccessGrants.
  virtual absl::StatusOr<consult::v1::ListAccessGrantsResponse> List(
      const consult::v1::ListAccessGrantsRequest& query) = 0;
};

}  // namespace lumbar::gateway
