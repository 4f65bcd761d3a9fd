// The way from a consult to a booked visit: IHE's operations on Appointment, also called as Medplum calls them.
#pragma once

#include "services/gateway/fhir/step.h"

namespace lumbar::gateway::fhir {

inline constexpr char kCreateHold[] = "/lumbar.booking.v1.BookingService/CreateHold";
inline constexpr char kChooseSlot[] = "/lumbar.consult.v1.ConsultService/ChooseSlot";
inline constexpr char kConfirmHold[] = "/lumbar.booking.v1.BookingService/ConfirmHold";

// Free times for the patient of a consult, named by "risk-assessment", before its act-by time: each a proposed
// Appointment. "start", "end" and "practitioner" narrow it.
absl::StatusOr<Step> FindAppointments(const FhirRequest& request);

// Keeps one of them: "appointment-reference" names it, or "appointment" (IHE's "appointment-resource") is it, with its
// start, practitioner and RiskAssessment. Answers with a Bundle of the pending Appointment.
absl::StatusOr<Step> HoldAppointment(const FhirRequest& request);

// Books what is kept, or what is proposed: by its consult if that offers it, else by keeping it first. An Appointment
// that is cancelled is called off. The parameters are those of $hold. Answers with a Bundle of the Appointment.
absl::StatusOr<Step> BookAppointment(const FhirRequest& request);

}  // namespace lumbar::gateway::fhir
