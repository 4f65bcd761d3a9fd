// ConsultStore on a SQL database.
#pragma once

#include <string>
#include <vector>

#include "common/store/database.h"
#include "common/store/migrations.h"
#include "common/time/clock.h"
#include "services/gateway/consult/domain/consult_store.h"

namespace lumbar::gateway {

store::Migrations ConsultMigrations();

class SqlConsultStore final : public ConsultStore {
 public:
  // Both must outlive it; the database is migrated.
  SqlConsultStore(store::Database& database, const Clock& clock) : database_(database), clock_(clock) {}

  absl::StatusOr<Case> Create(const store::Mutation& mutation, const Case& wanted) override;
  absl::StatusOr<Case> FindRequested(const store::Mutation& mutation) override;
  absl::StatusOr<Case> Find(absl::string_view name) override;
  absl::StatusOr<Case> Change(const store::Mutation& mutation, absl::string_view name,
                              absl::FunctionRef<absl::Status(Case&)> change) override;
  absl::StatusOr<Case> Save(Case changed) override;
  absl::StatusOr<bool> HasEmergency(absl::string_view patient, absl::Time since) override;
  absl::StatusOr<consult::v1::ListConsultsResponse> List(const ConsultQuery& query) override;
  absl::StatusOr<std::vector<Case>> ClaimUnfinished(absl::Time now, absl::Time lease_end, int limit) override;
  absl::StatusOr<std::vector<Case>> ClaimDue(absl::Time now, absl::Time lease_end, int limit) override;

  // Fills in what lists go by for at most `limit` consults that an older version of this program wrote, and tells those
  // who follow lists; returns how many it found. Costs one read if there are none.
  absl::StatusOr<int> FillInOlder(int limit);

 private:
  // Leases cases, those first that `which` orders first: a condition on `:now` and, after that, `:ended`, which is the
  // same.
  absl::StatusOr<std::vector<Case>> Claim(const std::string& which, absl::Time now, absl::Time lease_end, int limit);

  store::Database& database_;
  const Clock& clock_;
};

}  // namespace lumbar::gateway
