// Whether a clinician may see a patient: licence, age scope, visit type. Listing and holding ask these same functions,
// so that nothing is listed that can't be held, and nothing can be held that is never listed.
#pragma once

#include <absl/status/status.h>
#include <absl/strings/string_view.h>

#include "lumbar/booking/v1/clinician.pb.h"
#include "services/booking/domain/schedule.h"

namespace lumbar::booking {

// What eligibility needs to know of a patient.
struct PatientScope {
  // Where the patient is during the visit, two letters.
  absl::string_view state;
  uint32_t age_years = 0;
};

// Whether anything but the licence stands in the way: independent of the visit's time.
// FAILED_PRECONDITION/NOT_ELIGIBLE: the visit type isn't offered; the patient is too young or too old.
absl::Status CheckScope(const v1::Clinician& clinician, const PatientScope& patient, absl::string_view visit_type);

// Whether a clinician is licensed in `state` at any time.
bool IsLicensedIn(const v1::Clinician& clinician, absl::string_view state);

// Whether a licence covers all of `visit` in `state`. FAILED_PRECONDITION/NOT_ELIGIBLE, with a message of its own for
// each: there is no licence; it isn't in force; it begins after the visit does or ends before the visit does.
absl::Status CheckLicences(const v1::Clinician& clinician, absl::string_view state, const Interval& visit);

}  // namespace lumbar::booking
