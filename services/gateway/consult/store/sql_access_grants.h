// AccessGrants on a SQL database.
#pragma once

#include "common/store/database.h"
#include "common/time/clock.h"
#include "services/gateway/consult/domain/access_grants.h"

namespace lumbar::gateway {

class SqlAccessGrants final : public AccessGrants {
 public:
  // Both must outlive it; the database is migrated (ConsultMigrations).
  SqlAccessGrants(store::Database& database, const Clock& clock) : database_(database), clock_(clock) {}

  absl::StatusOr<consult::v1::AccessGrant> Create(const store::Mutation& mutation,
                                                  const consult::v1::AccessGrant& wanted, int most) override;
  absl::StatusOr<bool> IsLive(absl::string_view consult, absl::string_view holder, absl::Time now) override;
  absl::StatusOr<consult::v1::AccessGrant> Change(
      const store::Mutation& mutation, absl::string_view name,
      absl::FunctionRef<absl::Status(consult::v1::AccessGrant&)> change) override;
  absl::StatusOr<consult::v1::ListAccessGrantsResponse> List(
      const consult::v1::ListAccessGrantsRequest& query) override;

 private:
  store::Database& database_;
  const Clock& clock_;
};

}  // namespace lumbar::gateway
