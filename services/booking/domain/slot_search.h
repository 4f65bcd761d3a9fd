// Which times are free: what the schedules offer, minus what is taken.
#pragma once

#include <absl/status/statusor.h>

#include <vector>

#include "common/time/clock.h"
#include "lumbar/booking/v1/booking_service.pb.h"
#include "services/booking/domain/appointment_store.h"
#include "services/booking/domain/clinician_store.h"

namespace lumbar::booking {

// How far ahead visits are offered.
inline constexpr absl::Duration kHorizon = absl::Hours(24 * 90);

// The slot of a visit of this clinician.
v1::Slot MakeSlot(const v1::Clinician& clinician, absl::string_view visit_type, const Interval& visit);

// Thread safe.
class SlotSearch {
 public:
  // All must outlive it.
  SlotSearch(ClinicianStore& clinicians, AppointmentStore& appointments, const Clock& clock)
      : clinicians_(clinicians), appointments_(appointments), clock_(clock) {}

  // Free slots of eligible clinicians by begin, then by clinician.
  // INVALID_ARGUMENT/INVALID_FIELD: the window is empty, longer than 31 days or over.
  // INVALID_ARGUMENT/INVALID_PAGE_TOKEN. NOT_FOUND/CLINICIAN_NOT_FOUND: the one asked for isn't there.
  absl::StatusOr<v1::SearchSlotsResponse> Search(const v1::SearchSlotsRequest& request) const;

 private:
  absl::StatusOr<std::vector<v1::Clinician>> Candidates(const v1::SearchSlotsRequest& request) const;

  ClinicianStore& clinicians_;
  AppointmentStore& appointments_;
  const Clock& clock_;
};

}  // namespace lumbar::booking
