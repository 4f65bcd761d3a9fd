// The OpenAPI 3.1 document of the public port, made of what the routes are made of.
#pragma once

#include <absl/status/statusor.h>

#include <string>

#include "services/gateway/docs/comments.h"
#include "services/gateway/edge/route_table.h"

namespace lumbar::gateway {

// JSON. Has every route that is served; others don't exist for it. Two routes never share an operation: the route table
// refuses that. Fails as Schemas::Create does.
absl::StatusOr<std::string> OpenApiOf(const RouteTable& routes, const Comments& comments);

}  // namespace lumbar::gateway
