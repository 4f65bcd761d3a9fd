// Free times as FHIR's Slot.
#pragma once

#include "lumbar/booking/v1/appointment.pb.h"
#include "services/gateway/fhir/step.h"

namespace lumbar::gateway::fhir {

Json Slot(const booking::v1::Slot& slot);

// What is free of one clinician, named by `schedule` or `schedule.actor`. Whether it may be some patient's is for $find
// to tell, which knows the patient; a URL doesn't.
absl::StatusOr<Step> SearchSlots(const FhirRequest& request);

inline constexpr char kSearchSlots[] = "/lumbar.booking.v1.BookingService/SearchSlots";

}  // namespace lumbar::gateway::fhir
