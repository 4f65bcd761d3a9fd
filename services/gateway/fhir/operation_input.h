// What an operation is called with: a Parameters resource, or parameters of a URL.
#pragma once

#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>

#include <initializer_list>
#include <optional>
#include <string>

#include "services/gateway/fhir/step.h"
#include "services/gateway/fhir/times.h"

namespace lumbar::gateway::fhir {

class OperationInput {
 public:
  // A view of a request, which outlives it, of parameters that are among `names`. INVALID_ARGUMENT/INVALID_FIELD: the
  // body isn't Parameters, or a parameter has no name or another, or comes twice.
  static absl::StatusOr<OperationInput> Read(const FhirRequest& request,
                                             std::initializer_list<absl::string_view> names);

  // The resource of a parameter; nothing if there is none of that name.
  absl::StatusOr<std::optional<Element>> Resource(const char* name) const;
  // The id that a parameter's reference names; "" if there is none. Fails as ReadReference.
  absl::StatusOr<std::string> Reference(const char* name, const char* type) const;
  absl::StatusOr<std::optional<Moments>> DateTime(const char* name) const;
  // Whichever of FHIR's types its value has.
  absl::StatusOr<std::string> Text(const char* name) const;

 private:
  explicit OperationInput(const FhirRequest& request) : request_(&request) {}

  std::optional<Element> Find(const char* name) const;

  const FhirRequest* request_;
  std::vector<Element> parameters_;
};

}  // namespace lumbar::gateway::fhir
