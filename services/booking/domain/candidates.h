// Who could see a patient, and what there is to choose by.
#pragma once

#include <absl/status/statusor.h>

#include "common/rpc/call_context.h"
#include "common/time/clock.h"
#include "lumbar/booking/v1/routing_service.pb.h"
#include "services/booking/domain/appointment_store.h"
#include "services/booking/domain/clinician_directory.h"

namespace lumbar::booking {

// Most of each that an answer holds, which fits a message of 256 KiB whatever the names.
inline constexpr int kMostCandidates = 200;
inline constexpr int kMostPassedOver = 300;
// What a clinician's load is measured over, and how long a booking counts as the last one.
inline constexpr absl::Duration kLoadWindow = absl::Hours(24 * 7);
inline constexpr absl::Duration kLastBookings = absl::Hours(24);

// The handlers of RoutingService; what each refuses is in its contract. Thread safe.
class Candidates {
 public:
  // All must outlive it.
  Candidates(ClinicianStore& clinicians, AppointmentStore& appointments, const Clock& clock)
      : directory_(clinicians), appointments_(appointments), clock_(clock) {}

  absl::StatusOr<v1::FindCandidatesResponse> FindCandidates(const rpc::CallContext& context,
                                                            const v1::FindCandidatesRequest& request);

 private:
  // Adds what there is to choose by.
  absl::Status Describe(const v1::FindCandidatesRequest& request, const ClinicianList& list, absl::Time now,
                        v1::FindCandidatesResponse& found);

  ClinicianDirectory directory_;
  AppointmentStore& appointments_;
  const Clock& clock_;
};

}  // namespace lumbar::booking
