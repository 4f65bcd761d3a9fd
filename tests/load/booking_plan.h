// What the load on booking books: clinicians who work day and night, and one slot of theirs after the other.
#pragma once

#include <absl/time/time.h>

#include <cstdint>
#include <string>

#include "lumbar/booking/v1/booking_service.pb.h"
#include "lumbar/booking/v1/clinician_service.pb.h"

namespace lumbar::load {

inline constexpr int kClinicians = 32;
inline constexpr char kVisitType[] = "virtual-back-pain";
// Half an hour and ten minutes after it: eight ticks.
inline constexpr absl::Duration kVisit = absl::Minutes(30), kBuffer = absl::Minutes(10);
inline constexpr int64_t kTicksOfAVisit = 8;
// Within the horizon of 90 days.
inline constexpr int64_t kSlotsADay = 35, kDays = 87, kSlots = kClinicians * kSlotsADay * kDays;

booking::v1::CreateClinicianRequest Clinician(int number);
std::string ClinicianName(int64_t slot);
// The begin of slot number `slot` of kSlots. Neighbours are different clinicians'.
absl::Time Begin(int64_t slot);
std::string Patient(int64_t slot);
// A patient of its own takes that slot; without a request_id and an assessment.
booking::v1::CreateHoldRequest Wanted(int64_t slot);

}  // namespace lumbar::load
