// What triage made of a consult as FHIR's RiskAssessment.
#pragma once

#include "lumbar/consult/v1/consult.pb.h"
#include "services/gateway/fhir/step.h"

namespace lumbar::gateway::fhir {

// Its id is the consult's; `method` is the rule set, its version, and the digest of its rules. "registered" while
// triage hasn't answered.
Json RiskAssessment(const consult::v1::Consult& consult);

absl::StatusOr<Step> ReadRiskAssessment(const FhirRequest& request);

}  // namespace lumbar::gateway::fhir
