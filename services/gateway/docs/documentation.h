// The pages that tell how to call the public port: the OpenAPI document, and a viewer that shows it.
#pragma once

#include <absl/status/statusor.h>

#include <vector>

#include "services/gateway/edge/pages.h"

namespace lumbar::gateway {

// "/openapi.json", "/docs" and what that loads, all of it from here. Fails as OpenApiOf does.
absl::StatusOr<std::vector<Page>> DocumentationPages(const RouteTable& routes);

}  // namespace lumbar::gateway
