// Consults as FHIR's Task: a patient's own, a clinician's worklist, the staff's queue.
#pragma once

#include "lumbar/consult/v1/consult.pb.h"
#include "services/gateway/fhir/step.h"

namespace lumbar::gateway::fhir {

// Its id is the consult's; businessStatus is the consult's state, of which status is what FHIR has words for.
Json Task(const consult::v1::Consult& consult);

absl::StatusOr<Step> ReadTask(const FhirRequest& request);
absl::StatusOr<Step> SearchTasks(const FhirRequest& request);

inline constexpr char kListConsults[] = "/lumbar.consult.v1.ConsultService/ListConsults";

}  // namespace lumbar::gateway::fhir
