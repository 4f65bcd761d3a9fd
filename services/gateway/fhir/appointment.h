// Visits that are booked, held or offered as FHIR's Appointment, and what is asked of those that are there.
#pragma once

#include "lumbar/booking/v1/appointment.pb.h"
#include "lumbar/consult/v1/consult.pb.h"
#include "services/gateway/fhir/step.h"

namespace lumbar::gateway::fhir {

// A booked one, whatever became of it.
Json Appointment(const booking::v1::Appointment& appointment);
// A hold: pending, or cancelled once it isn't live any more.
Json Appointment(const booking::v1::Hold& hold);
// A free time that is offered for a consult: proposed.
Json Proposed(const consult::v1::Consult& consult, const booking::v1::Slot& slot);

// Whether it is an Appointment with none but R4's elements: what nobody knows may have been meant, and is refused.
absl::Status CheckAppointment(const Element& appointment);

absl::StatusOr<Step> ReadAppointment(const FhirRequest& request);
// By `patient`, `practitioner`, or all that the caller may see.
absl::StatusOr<Step> SearchAppointments(const FhirRequest& request);
// An update that sets the status to cancelled: calls off what is booked, and gives back what is held.
absl::StatusOr<Step> UpdateAppointment(const FhirRequest& request);

// Calls off the appointment or gives back the hold of that id. `version` "": whatever its version.
absl::StatusOr<Step> CallOff(const FhirRequest& request, const std::string& id, const std::string& version);

inline constexpr char kGetAppointment[] = "/lumbar.booking.v1.BookingService/GetAppointment";
inline constexpr char kListAppointments[] = "/lumbar.booking.v1.BookingService/ListAppointments";
inline constexpr char kCancelAppointment[] = "/lumbar.booking.v1.BookingService/CancelAppointment";
inline constexpr char kReleaseHold[] = "/lumbar.booking.v1.BookingService/ReleaseHold";

}  // namespace lumbar::gateway::fhir
