// What one route is in an OpenAPI document.
#pragma once

#include <absl/status/statusor.h>
#include <nlohmann/json.hpp>

#include <string>

#include "services/gateway/docs/comments.h"
#include "services/gateway/docs/schemas.h"
#include "services/gateway/edge/path_template.h"
#include "services/gateway/edge/route_table.h"

namespace lumbar::gateway {

// The path as OpenAPI writes it, with one parameter for each segment that varies:
// "/v1/appointments/{appointment}:cancel" of "/v1/{name=appointments/*}:cancel". Parameters are named by the literal
// before them, so that all routes below one path name them alike.
struct OpenApiPath {
  struct Parameter {
    std::string name;
    // The field that the segment goes to, or becomes a part of.
    PathTemplate::Variable variable;
    // Which of the template's segments it is.
    size_t segment = 0;
  };

  std::string text;
  std::vector<Parameter> parameters;
};

OpenApiPath OpenApiPathOf(const PathTemplate& path_template);

// The name of the security scheme of tokens, and of callbacks' signatures.
inline constexpr char kTokenScheme[] = "token";
inline constexpr char kSignatureScheme[] = "signature";
// Where the answer of failures is, among the responses.
inline constexpr char kErrorResponse[] = "Error";

// `id` tells it from all other operations.
nlohmann::ordered_json OperationOf(const Route& route, const PathTemplate& path_template, const std::string& id,
                                   Schemas& schemas, const Comments& comments);

}  // namespace lumbar::gateway
