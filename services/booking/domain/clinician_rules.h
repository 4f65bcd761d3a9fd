// What a clinician must fulfil beyond the rules in the contract: those that tie several fields together.
#pragma once

#include <absl/status/status.h>

#include "lumbar/booking/v1/clinician.pb.h"

namespace lumbar::booking {

// INVALID_ARGUMENT/INVALID_FIELD with one violation for each fault, under "clinician.": the zone is unknown; a time is
// off the 5-minute grid or is none; hours are empty or overlap, in a week or on a date; a date is none, absurd or there
// twice; time off is empty, longer than a year, absurd, or overlaps; a visit type comes twice; a duration or buffer is
// off the grid; the notice reaches to the horizon; a licence ends before it begins; the age scope is empty.
absl::Status CheckClinician(const v1::Clinician& clinician);

}  // namespace lumbar::booking
