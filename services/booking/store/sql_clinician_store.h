// Clinicians in SQL.
#pragma once

#include "common/store/database.h"
#include "common/time/clock.h"
#include "services/booking/domain/clinician_store.h"

namespace lumbar::booking {

// Thread safe.
class SqlClinicianStore final : public ClinicianStore {
 public:
  // Both must outlive it; `database` is migrated.
  SqlClinicianStore(store::Database& database, const Clock& clock) : database_(database), clock_(clock) {}

  absl::StatusOr<v1::CreateClinicianResponse> Create(const store::Mutation& mutation,
                                                     const absl::StatusOr<v1::Clinician>& wanted) override;
  absl::StatusOr<v1::UpdateClinicianResponse> Update(const store::Mutation& mutation,
                                                     const absl::StatusOr<v1::Clinician>& wanted) override;
  absl::StatusOr<v1::Clinician> Get(absl::string_view name) override;
  absl::StatusOr<std::vector<v1::Clinician>> List(absl::string_view after, int limit) override;
  absl::StatusOr<int64_t> Revision() override;
  absl::StatusOr<std::vector<ClinicianVersion>> Versions() override;

 private:
  store::Database& database_;
  const Clock& clock_;
};

}  // namespace lumbar::booking
