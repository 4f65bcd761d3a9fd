#include "services/gateway/fhir/capability_statement.h"

#include <absl/strings/str_cat.h>

#include <set>

#include "services/gateway/fhir/interactions.h"

namespace lumbar::gateway::fhir {
namespace {

// When what the statement says last changed.
constexpr char kDate[] = "2026-11-28";
// Operations are IHE's, from its profile "Scheduling" for R4.
constexpr char kOperations[] = "https://profiles.ihe.net/ITI/Scheduling/OperationDefinition/appointment-";

bool IsOperation(const Interaction& interaction) { return interaction.code[0] == '$'; }

// What a SearchParameter is defined for: no modifier, chain or paging.
bool IsPlain(absl::string_view name) { return name.find_first_of(":._") == absl::string_view::npos; }

// Of a search that comes in two ways, each parameter once.
void AddParameters(const Interaction& interaction, std::set<std::string>& known, Json& resource) {
  for (const SearchParameter& parameter : interaction.parameters) {
    if (!IsPlain(parameter.name) || !known.insert(parameter.name).second) continue;
    resource["searchParam"].push_back(
        {{"name", parameter.name}, {"type", parameter.type}, {"documentation", parameter.about}});
  }
}

Json ResourceOf(const std::string& type) {
  Json resource = {{"type", type}};
  std::set<std::string> codes;
  std::set<std::string> parameters;
  for (const Interaction& one : Interactions()) {
    if (one.resource != type || IsOperation(one)) continue;
    if (codes.insert(one.code).second) resource["interaction"].push_back({{"code", one.code}});
    AddParameters(one, parameters, resource);
  }
  for (const Interaction& one : Interactions()) {
    if (one.resource != type || !IsOperation(one) || !codes.insert(one.code).second) continue;
    const std::string name = one.code + 1;
    resource["operation"].push_back({{"name", name}, {"definition", absl::StrCat(kOperations, name)}});
  }
  return resource;
}

Json Resources() {
  Json resources = Json::array();
  std::set<std::string> known;
  for (const Interaction& one : Interactions()) {
    const std::string type = one.resource;
    if (!type.empty() && known.insert(type).second) resources.push_back(ResourceOf(type));
  }
  return resources;
}

}  // namespace

absl::StatusOr<Step> Capabilities(const FhirRequest& request) {
  const Json security = {
      {"cors", true},
      {"description",
       "An OIDC bearer token in the Authorization header; a patient reaches what is the patient's own."}};
  const Json statement = {
      {"resourceType", "CapabilityStatement"},
      {"status", "active"},
      {"date", kDate},
      {"kind", "instance"},
      {"software", {{"name", "Lumbar"}}},
      {"implementation", {{"description", "Virtual back-pain care: triage, times, visits"}, {"url", request.base}}},
      {"fhirVersion", "4.0.1"},
      {"format", {"application/fhir+json", "json"}},
      {"rest", Json::array({Json{{"mode", "server"}, {"security", security}, {"resource", Resources()}}})}};
  FhirAnswer answer;
  answer.resource = statement;
  return Answered(std::move(answer));
}

}  // namespace lumbar::gateway::fhir
