// Which times are free: what the schedules offer, minus what is taken.
#pragma once

#include <absl/status/statusor.h>

#include "common/time/clock.h"
#include "lumbar/booking/v1/booking_service.pb.h"
#include "services/booking/domain/appointment_store.h"
#include "services/booking/domain/clinician_directory.h"

namespace lumbar::booking {

// Thread safe.
class SlotSearch {
 public:
  // All must outlive it.
  SlotSearch(ClinicianStore& clinicians, AppointmentStore& appointments, const Clock& clock)
      : directory_(clinicians), appointments_(appointments), clock_(clock) {}

  // Free slots of eligible clinicians by begin, then by clinician. What FindOffer and CheckWhen refuse isn't among
  // them. INVALID_ARGUMENT: INVALID_FIELD and INVALID_PAGE_TOKEN, see Understand. NOT_FOUND/CLINICIAN_NOT_FOUND: the
  // one asked for isn't there.
  absl::StatusOr<v1::SearchSlotsResponse> Search(const v1::SearchSlotsRequest& request);

 private:
  ClinicianDirectory directory_;
  AppointmentStore& appointments_;
  const Clock& clock_;
};

}  // namespace lumbar::booking
