// What is wrong with a request for a consult that booking would refuse only later, or that would keep a patient waiting
// for staff in vain. All fail with INVALID_ARGUMENT/INVALID_FIELD.
#pragma once

#include <absl/status/status.h>

#include "lumbar/consult/v1/consult_service.pb.h"

namespace lumbar::gateway {

// Gives triage and booking one age: where one is told, it is the other's too. The zone and the state must exist.
absl::Status CheckRequest(consult::v1::RequestConsultRequest& request);

// Every clinician has an age scope, so that a visit needs an age. An emergency is told without: nobody books it.
absl::Status CheckOpened(const consult::v1::Consult& opened);

}  // namespace lumbar::gateway
