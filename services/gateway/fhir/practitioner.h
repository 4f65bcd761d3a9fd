// Clinicians as FHIR's Practitioner, their hours as its Schedule, and what of these can be asked.
#pragma once

#include "lumbar/booking/v1/clinician.pb.h"
#include "services/gateway/fhir/step.h"

namespace lumbar::gateway::fhir {

Json Practitioner(const booking::v1::Clinician& clinician);
// A clinician has one, of the same id.
Json Schedule(const booking::v1::Clinician& clinician);

absl::StatusOr<Step> ReadPractitioner(const FhirRequest& request);
absl::StatusOr<Step> SearchPractitioners(const FhirRequest& request);
absl::StatusOr<Step> ReadSchedule(const FhirRequest& request);
// By `actor`, or all.
absl::StatusOr<Step> SearchSchedules(const FhirRequest& request);

inline constexpr char kGetClinician[] = "/lumbar.booking.v1.ClinicianService/GetClinician";
inline constexpr char kListClinicians[] = "/lumbar.booking.v1.ClinicianService/ListClinicians";

}  // namespace lumbar::gateway::fhir
