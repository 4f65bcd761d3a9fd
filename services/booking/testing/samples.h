// A clinician, a patient and an assessment that fit together, for tests to bend.
#pragma once

#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include <string>

#include "lumbar/booking/v1/booking_service.pb.h"
#include "lumbar/booking/v1/clinician_service.pb.h"

namespace lumbar::booking {

inline constexpr char kVisit[] = "virtual-back-pain";
inline constexpr char kPatient[] = "patients/17";
inline constexpr char kClinician[] = "clinicians/maya-chen";

// A moment written as RFC 3339, e.g. "2026-03-02T09:00:00-05:00"; anything else ends the test.
absl::Time At(absl::string_view text);

// Works Monday to Friday from 09:00 to 17:00 in New York, licensed in NY until 2030, for ages from 18. Offers kVisit
// (30 minutes, 10 after it) and "long-visit" (60 minutes).
v1::Clinician SampleClinician();
v1::CreateClinicianRequest CreateRequest(const v1::Clinician& clinician);

// One stretch of hours, e.g. Hours(google::type::MONDAY, 9, 17).
v1::WeeklyHours Hours(google::type::DayOfWeek day, int start_hour, int end_hour);

// A hold of kVisit for kPatient with SampleClinician, without an assessment.
v1::CreateHoldRequest HoldRequest(absl::Time start);

}  // namespace lumbar::booking
