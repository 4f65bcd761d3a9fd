// The parameters of a route: of its path, its query and its header.
#pragma once

#include <nlohmann/json.hpp>

#include "services/gateway/docs/schemas.h"
#include "services/gateway/edge/path_template.h"
#include "services/gateway/edge/route_table.h"

namespace lumbar::gateway {

// As the transcoder takes them: what the path binds, and in the query what neither the path nor the body gives. Fields
// of patient data aren't among those of the query, which refuses them.
nlohmann::ordered_json ParametersOf(const Route& route, const PathTemplate& path_template, Schemas& schemas);

}  // namespace lumbar::gateway
