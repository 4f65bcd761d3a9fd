// The port to the clinicians. Mutations are answered once for each request_id, as in appointment_store.h.
#pragma once

#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>

#include <cstdint>
#include <string>
#include <vector>

#include "common/store/mutation.h"
#include "lumbar/booking/v1/clinician_service.pb.h"

namespace lumbar::booking {

// Which version of a clinician there is.
struct ClinicianVersion {
  std::string name;
  std::string etag;
};

class ClinicianStore {
 public:
  virtual ~ClinicianStore() = default;

  // Adds a clinician under its name, and gives it an etag. If `wanted` is a refusal: the earlier answer to this
  // request, or that refusal. ALREADY_EXISTS/CLINICIAN_EXISTS.
  virtual absl::StatusOr<v1::CreateClinicianResponse> Create(const store::Mutation& mutation,
                                                             const absl::StatusOr<v1::Clinician>& wanted) = 0;
  // Replaces the clinician of that name. `wanted` may be a refusal, as above; an empty etag in it fits every version.
  // NOT_FOUND/CLINICIAN_NOT_FOUND, ABORTED/ETAG_MISMATCH.
  virtual absl::StatusOr<v1::UpdateClinicianResponse> Update(const store::Mutation& mutation,
                                                             const absl::StatusOr<v1::Clinician>& wanted) = 0;
  // NOT_FOUND/CLINICIAN_NOT_FOUND.
  virtual absl::StatusOr<v1::Clinician> Get(absl::string_view name) = 0;
  // At most `limit`, by name, those after `after`; empty: from the first.
  virtual absl::StatusOr<std::vector<v1::Clinician>> List(absl::string_view after, int limit) = 0;
  // A number that grows whenever any clinician is added or changed.
  virtual absl::StatusOr<int64_t> Revision() = 0;
  // Everybody's version.
  virtual absl::StatusOr<std::vector<ClinicianVersion>> Versions() = 0;
};

}  // namespace lumbar::booking
