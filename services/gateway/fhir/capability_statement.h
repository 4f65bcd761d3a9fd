// What the facade says of itself.
#pragma once

#include "services/gateway/fhir/step.h"

namespace lumbar::gateway::fhir {

// A CapabilityStatement of all Interactions, and of nothing else.
absl::StatusOr<Step> Capabilities(const FhirRequest& request);

}  // namespace lumbar::gateway::fhir
