#include "services/booking/domain/eligibility.h"

#include <absl/algorithm/container.h>

#include "common/time/proto_time.h"
#include "services/booking/errors.h"

namespace lumbar::booking {
namespace {

bool Covers(const v1::Licence& licence, const Interval& visit) {
  return FromProto(licence.valid_from()) <= visit.start && visit.end <= FromProto(licence.valid_to());
}

bool InForce(const v1::Licence& licence, absl::string_view state) {
  return licence.status() == v1::LICENCE_STATUS_ACTIVE && licence.state() == state;
}

}  // namespace

bool IsLicensedIn(const v1::Clinician& clinician, absl::string_view state) {
  return absl::c_any_of(clinician.licences(), [&](const v1::Licence& licence) { return InForce(licence, state); });
}

// A clinician may have several licences in a state (a renewed one, a second profession); one that fits is enough.
absl::Status CheckLicences(const v1::Clinician& clinician, absl::string_view state, const Interval& visit) {
  const auto fits = [&](const v1::Licence& licence) { return InForce(licence, state) && Covers(licence, visit); };
  if (absl::c_any_of(clinician.licences(), fits)) return absl::OkStatus();
  if (IsLicensedIn(clinician, state)) return NotEligible("the licence isn't valid at the time of the visit");
  const auto suspended = [&](const v1::Licence& licence) { return licence.state() == state; };
  return absl::c_any_of(clinician.licences(), suspended) ? NotEligible("the licence isn't in force")
                                                         : NotEligible("no licence where the patient will be");
}

absl::Status CheckScope(const v1::Clinician& clinician, const PatientScope& patient, absl::string_view visit_type) {
  if (FindVisitType(clinician, visit_type) == nullptr) return NotEligible("that kind of visit isn't offered");
  if (patient.age_years < clinician.min_age_years()) return NotEligible("the age is below the scope of the practice");
  if (clinician.max_age_years() != 0 && patient.age_years > clinician.max_age_years()) {
    return NotEligible("the age is above the scope of the practice");
  }
  return absl::OkStatus();
}

}  // namespace lumbar::booking
