// What $hold and $book are about.
#pragma once

#include <absl/status/statusor.h>
#include <google/protobuf/timestamp.pb.h>

#include <string>

#include "services/gateway/fhir/step.h"

namespace lumbar::gateway::fhir {

// An appointment by its id, or by what it says.
struct Wanted {
  // "" if it has none.
  std::string id;
  // The rest is of what came as a resource.
  std::string status;
  std::string version;
  std::string consult;
  std::string clinician;
  google::protobuf::Timestamp start;
};

// INVALID_ARGUMENT/INVALID_FIELD: neither "appointment-reference" nor "appointment" nor "appointment-resource" is
// there, or what is proposed doesn't say when, with whom and for which RiskAssessment.
absl::StatusOr<Wanted> ReadWanted(const FhirRequest& request);

}  // namespace lumbar::gateway::fhir
