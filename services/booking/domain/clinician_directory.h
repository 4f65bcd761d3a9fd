// The clinicians as they are now, parsed once and with their hours ready.
//
// Each call asks the store for one number that grows with every change, whoever made it; only what changed is read
// again. So a change is seen by the next search of every replica, and a search of 500 clinicians parses none of them.
#pragma once

#include <absl/status/statusor.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "common/concurrency/mutex.h"
#include "services/booking/domain/clinician_store.h"
#include "services/booking/domain/office_hours.h"

namespace lumbar::booking {

struct ListedClinician {
  v1::Clinician clinician;
  // Null if this machine doesn't know the zone.
  std::shared_ptr<const OfficeHours> hours;
};

// By name.
using ClinicianList = std::vector<std::shared_ptr<const ListedClinician>>;

// Thread safe.
class ClinicianDirectory {
 public:
  // A clinic with more clinicians is read anew by each call, so that memory stays bounded.
  static constexpr size_t kMostKept = 5000;

  // `store` must outlive it.
  explicit ClinicianDirectory(ClinicianStore& store) : store_(store) {}

  // Everybody, as of this call or later.
  absl::StatusOr<std::shared_ptr<const ClinicianList>> Everybody();
  // One of `list`. NOT_FOUND/CLINICIAN_NOT_FOUND.
  static absl::StatusOr<std::shared_ptr<const ListedClinician>> Find(const ClinicianList& list, absl::string_view name);

 private:
  struct Kept {
    int64_t revision = -1;
    std::shared_ptr<const ClinicianList> list = std::make_shared<ClinicianList>();
  };
  Kept Last();
  // The clinicians of `before`, but for those that changed since, which are read.
  absl::StatusOr<std::shared_ptr<const ClinicianList>> Refreshed(const ClinicianList& before);
  absl::StatusOr<ClinicianList> ReadAll();

  ClinicianStore& store_;
  Mutex mutex_;
  Kept kept_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace lumbar::booking
