// Lists as FHIR tells them.
#pragma once

#include <string>
#include <vector>

#include "services/gateway/fhir/element.h"
#include "services/gateway/fhir/step.h"

namespace lumbar::gateway::fhir {

// Where a list goes on.
inline constexpr char kPageParameter[] = "_page";
inline constexpr char kCountParameter[] = "_count";

// A searchset of whole resources, with a link to itself and, unless `next_page_token` is empty, to what comes next.
Json SearchSet(const FhirRequest& request, std::vector<Json> resources, const std::string& next_page_token);

// How many a client wants of a page; 0: it didn't say. INVALID_ARGUMENT/INVALID_FIELD: not 1 to 200.
absl::StatusOr<int> PageSize(const FhirRequest& request);

}  // namespace lumbar::gateway::fhir
