// Keeps the clinicians: who they are, where they are licensed, when they work and which visits they offer.
#pragma once

#include <absl/status/statusor.h>

#include "common/rpc/call_context.h"
#include "lumbar/booking/v1/clinician_service.pb.h"
#include "services/booking/domain/clinician_store.h"

namespace lumbar::booking {

// The handlers of ClinicianService; what each refuses is in its contract. Thread safe.
class Roster {
 public:
  // `clinicians` must outlive it.
  explicit Roster(ClinicianStore& clinicians) : clinicians_(clinicians) {}

  absl::StatusOr<v1::CreateClinicianResponse> CreateClinician(const rpc::CallContext& context,
                                                              const v1::CreateClinicianRequest& request);
  absl::StatusOr<v1::UpdateClinicianResponse> UpdateClinician(const rpc::CallContext& context,
                                                              const v1::UpdateClinicianRequest& request);
  absl::StatusOr<v1::GetClinicianResponse> GetClinician(const rpc::CallContext& context,
                                                        const v1::GetClinicianRequest& request);
  absl::StatusOr<v1::ListCliniciansResponse> ListClinicians(const rpc::CallContext& context,
                                                            const v1::ListCliniciansRequest& request);

 private:
  ClinicianStore& clinicians_;
};

}  // namespace lumbar::booking
