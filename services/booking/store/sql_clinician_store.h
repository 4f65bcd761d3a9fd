// Clinicians in SQL.
#pragma once

#include <absl/base/thread_annotations.h>
#include <absl/container/flat_hash_map.h>

#include <memory>
#include <string>

#include "common/concurrency/mutex.h"
#include "common/store/database.h"
#include "common/time/clock.h"
#include "services/booking/domain/clinician_store.h"

namespace lumbar::booking {

// Keeps the clinicians that were read, because reading one from its text costs more than all else of a hold's reads:
// Get asks for the revision, and for the text only if that is another. Thread safe.
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
  struct Kept {
    int64_t revision;
    v1::Clinician clinician;
  };
  // More are read anew each time.
  static constexpr size_t kMostKept = 5000;

  // Null if that revision isn't kept.
  std::shared_ptr<const Kept> Find(const std::string& name, int64_t revision);
  void Keep(const std::string& name, std::shared_ptr<const Kept> kept);

  store::Database& database_;
  const Clock& clock_;
  Mutex mutex_;
  absl::flat_hash_map<std::string, std::shared_ptr<const Kept>> kept_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace lumbar::booking
