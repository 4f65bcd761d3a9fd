#include "services/gateway/fhir/operation_input.h"

#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>

#include <algorithm>
#include <set>
#include <utility>

#include "common/status/errors.h"
#include "common/status/macros.h"
#include "services/gateway/fhir/names.h"

namespace lumbar::gateway::fhir {
namespace {

std::string InUrl(const char* name) { return absl::StrCat("http.", name); }

// The part of a parameter that is its value, such as valueDateTime.
std::optional<Element> ValueOf(const Element& parameter) {
  for (const auto& [name, value] : parameter.json().items()) {
    if (absl::StartsWith(name, "value")) return Element(value, absl::StrCat(parameter.path(), ".", name));
  }
  return std::nullopt;
}

}  // namespace

absl::StatusOr<OperationInput> OperationInput::Read(const FhirRequest& request,
                                                    std::initializer_list<absl::string_view> names) {
  OperationInput input(request);
  if (request.body.is_null()) return input;
  const Element parameters(request.body, "Parameters");
  LUMBAR_RETURN_IF_ERROR(parameters.CheckType("Parameters"));
  LUMBAR_ASSIGN_OR_RETURN(input.parameters_, parameters.Each("parameter"));
  std::set<std::string> known;
  for (const Element& parameter : input.parameters_) {
    LUMBAR_ASSIGN_OR_RETURN(std::string name, parameter.TextAt("name"));
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      return parameter.Wrong(absl::StrCat("isn't a parameter here; the body may have ", absl::StrJoin(names, ", ")));
    }
    if (!known.insert(std::move(name)).second) return parameter.Wrong("comes twice");
  }
  return input;
}

std::optional<Element> OperationInput::Find(const char* name) const {
  const auto found = std::find_if(parameters_.begin(), parameters_.end(),
                                  [&](const Element& one) { return one.json().value("name", std::string()) == name; });
  return found == parameters_.end() ? std::nullopt : std::optional<Element>(*found);
}

absl::StatusOr<std::optional<Element>> OperationInput::Resource(const char* name) const {
  const auto parameter = Find(name);
  if (!parameter) return std::optional<Element>();
  LUMBAR_ASSIGN_OR_RETURN(Element resource, parameter->Get("resource"));
  return std::optional<Element>(std::move(resource));
}

absl::StatusOr<std::string> OperationInput::Reference(const char* name, const char* type) const {
  const auto parameter = Find(name);
  if (!parameter) {
    const std::string reference = request_->Parameter(name);
    return reference.empty() ? reference : ReadReference(reference, type, InUrl(name));
  }
  LUMBAR_ASSIGN_OR_RETURN(const Element value, parameter->Get("valueReference"));
  return ReadReference(value, type);
}

absl::StatusOr<std::optional<Moments>> OperationInput::DateTime(const char* name) const {
  LUMBAR_ASSIGN_OR_RETURN(const std::string text, Text(name));
  if (text.empty()) return std::optional<Moments>();
  const auto parameter = Find(name);
  LUMBAR_ASSIGN_OR_RETURN(const Moments moments, ReadDateTime(text, parameter ? parameter->path() : InUrl(name)));
  return std::optional<Moments>(moments);
}

absl::StatusOr<std::string> OperationInput::Text(const char* name) const {
  const auto parameter = Find(name);
  if (!parameter) return request_->Parameter(name);
  const auto value = ValueOf(*parameter);
  return value ? value->Text() : parameter->Wrong("has no value");
}

}  // namespace lumbar::gateway::fhir
