#include "services/gateway/docs/operation.h"

#include <absl/strings/ascii.h>
#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>
#include <absl/strings/strip.h>
#include <buf/validate/validate.pb.h>
#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "lumbar/options/v1/options.pb.h"
#include "services/gateway/docs/parameters.h"

namespace lumbar::gateway {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using Json = nlohmann::ordered_json;

Json Content(const char* type, Json schema) { return {{type, {{"schema", std::move(schema)}}}}; }

// The fields of the whole request that the path gives; of a nested field the whole, since a body can't leave out a
// part.
std::set<std::string> BoundByPath(const PathTemplate& path_template) {
  std::set<std::string> names;
  for (const auto& variable : path_template.variables) {
    if (!absl::StrContains(variable.field_path, '.')) names.insert(variable.field_path);
  }
  return names;
}

Json BodyOf(const Route& route, const PathTemplate& path_template, Schemas& schemas) {
  // Bytes of any type.
  if (route.is_callback) return {{"required", true}, {"content", Content("*/*", Json::object())}};
  const Descriptor& request = *route.method->input_type();
  Json schema;
  bool required = false;
  if (route.body == "*") {
    const std::set<std::string> bound = BoundByPath(path_template);
    const Json object = schemas.ObjectOf(request, bound);
    required = object.contains("required");
    schema = bound.empty() ? schemas.Of(request) : object;
  } else {
    const FieldDescriptor& field = *request.FindFieldByName(route.body);
    required = schemas.IsRequired(field);
    schema = schemas.OfField(field);
  }
  return {{"required", required}, {"content", Content("application/json", std::move(schema))}};
}

Json AnswerOf(const Route& route, Schemas& schemas) {
  if (route.is_file) {
    return {{"description", "The file, of the type that its header tells."},
            {"content", Content("*/*", Json::object())}};
  }
  const Descriptor& whole = *route.method->output_type();
  Json schema = schemas.Of(route.response_body == nullptr ? whole : *route.response_body->message_type());
  if (!route.streams)
    return {{"description", "The answer."}, {"content", Content("application/json", std::move(schema))}};
  return {{"description",
           "Server-sent events. The data of each is the JSON of one message, its id where to go on after a cut "
           "(`Last-Event-ID`). An event named `error` ends a stream that failed; its data is an Error."},
          {"content", Content("text/event-stream", {{"type", "string"}, {"x-lumbar-event", std::move(schema)}})}};
}

bool Admits(const options::v1::Policy& policy, options::v1::Role role) {
  return std::find(policy.roles().begin(), policy.roles().end(), role) != policy.roles().end();
}

// "patient" of ROLE_PATIENT.
std::string RoleName(int role) {
  std::string name = options::v1::Role_Name(static_cast<options::v1::Role>(role));
  return absl::AsciiStrToLower(absl::StripPrefix(name, "ROLE_"));
}

// Any of the roles will do, and each is an alternative.
Json SecurityOf(const Route& route, const options::v1::Policy& policy) {
  Json alternatives = Json::array();
  if (route.is_callback) return Json::array({{{kSignatureScheme, Json::array()}}});
  if (Admits(policy, options::v1::ROLE_ANYONE)) return alternatives;
  for (const int role : policy.roles()) alternatives.push_back({{kTokenScheme, {RoleName(role)}}});
  return alternatives;
}

// The first sentence, for lists.
std::string Summary(absl::string_view comment) {
  std::string line(comment.substr(0, comment.find(". ")));
  line = line.substr(0, line.find(".\n"));
  std::replace(line.begin(), line.end(), '\n', ' ');
  return std::string(absl::StripSuffix(line, "."));
}

std::string DescriptionOf(const Route& route, const options::v1::Policy& policy, absl::string_view comment) {
  std::vector<std::string> parts = {std::string(comment)};
  if (route.is_callback) {
    parts.push_back("Called by a provider, who signs the address and the body.");
  } else if (Admits(policy, options::v1::ROLE_ANYONE)) {
    parts.push_back("Anybody may call it, without a token.");
  } else {
    std::vector<std::string> roles;
    for (const int role : policy.roles()) roles.push_back(RoleName(role));
    parts.push_back(absl::StrCat("May be called by: ", absl::StrJoin(roles, ", "), "."));
  }
  if (policy.ownership() == options::v1::OWNERSHIP_REQUEST) {
    parts.push_back(absl::StrCat("Patients only for themselves; they may leave `", policy.owner_field(), "` out."));
  } else if (policy.ownership() == options::v1::OWNERSHIP_RESOURCE) {
    parts.push_back("Patients only what is their own.");
  }
  return absl::StrJoin(parts, "\n\n");
}

}  // namespace

Json OperationOf(const Route& route, const PathTemplate& path_template, const std::string& id, Schemas& schemas,
                 const Comments& comments) {
  const auto& policy = route.method->options().GetExtension(options::v1::policy);
  const absl::string_view comment = comments.Of(route.method->full_name());
  Json operation = {{"operationId", id}, {"tags", {route.method->service()->full_name()}}};
  if (!comment.empty()) operation["summary"] = Summary(comment);
  operation["description"] = DescriptionOf(route, policy, comment);
  operation["x-lumbar-rpc"] = route.method->full_name();
  Json parameters = ParametersOf(route, path_template, schemas);
  if (!parameters.empty()) operation["parameters"] = std::move(parameters);
  if (!route.body.empty()) operation["requestBody"] = BodyOf(route, path_template, schemas);
  operation["responses"] = {{"200", AnswerOf(route, schemas)},
                            {"default", {{"$ref", absl::StrCat("#/components/responses/", kErrorResponse)}}}};
  operation["security"] = SecurityOf(route, policy);
  if (route.method->options().deprecated()) operation["deprecated"] = true;
  return operation;
}

}  // namespace lumbar::gateway
