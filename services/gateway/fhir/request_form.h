// What of an HTTP request a FHIR interaction is told.
#pragma once

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include <string>
#include <vector>

#include "services/gateway/edge/http.h"
#include "services/gateway/fhir/interactions.h"

namespace lumbar::gateway::fhir {

// INVALID_ARGUMENT/NOT_ACCEPTABLE, /UNSUPPORTED_MEDIA_TYPE, /MALFORMED_JSON (see CheckJson), /MALFORMED_REQUEST;
// INVALID_ARGUMENT/INVALID_FIELD: a parameter that the interaction doesn't have, or that no URL may have; the
// violation's field is "http." and the header's or parameter's name.
absl::StatusOr<FhirRequest> ReadRequest(const HttpRequest& request, const Interaction& interaction,
                                        const std::vector<Binding>& path, const std::string& base, absl::Time now);

}  // namespace lumbar::gateway::fhir
