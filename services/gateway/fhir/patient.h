// Whom to tell of a visit, as FHIR's Patient tells it. The suite keeps no Patient of its own.
#pragma once

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include "lumbar/booking/v1/appointment.pb.h"
#include "services/gateway/fhir/element.h"

namespace lumbar::gateway::fhir {

// Of a Patient: the name, an e-mail and a telephone, the state of the address, the age from birthDate (0 without one),
// the language, and the zone from FHIR's extension "timezone". What is missing is left out; booking says what it needs.
absl::StatusOr<booking::v1::PatientContact> ReadContact(const Element& patient, absl::Time now);

}  // namespace lumbar::gateway::fhir
