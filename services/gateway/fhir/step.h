// How a FHIR request is answered: by one of the suite's calls after the other, each made of the answer before. A
// handler only says what comes next, so that it knows neither threads nor time.
#pragma once

#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>
#include <absl/time/time.h>
#include <absl/types/span.h>

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "services/gateway/edge/errors.h"
#include "services/gateway/edge/path_matcher.h"
#include "services/gateway/fhir/element.h"

namespace lumbar::gateway::fhir {

struct FhirRequest {
  // The facade's address as the client knows it, e.g. "https://care.example/fhir/R4".
  std::string base;
  // What the answer's links begin with: its own address without parameters.
  std::string address;
  // Of the path; "" if it has none.
  std::string id;
  // Of the query and, for a search by POST, of the body.
  std::vector<Binding> parameters;
  // Those among them that a link may show.
  std::vector<Binding> shown;
  // Whether there are others.
  bool has_patient_data = false;
  // Null if there is none.
  Json body;
  // The version that If-Match names; "": any.
  std::string if_match;
  // A UUID, the client's if it sent one: the same id gives the same answer.
  std::string request_id;
  absl::Time now;

  // The first of that name, and "" if there is none.
  std::string Parameter(absl::string_view name) const;
};

struct FhirAnswer {
  unsigned status = 200;
  Json resource;
  // Sent as the ETag; "": none.
  std::string version;
  // Of what was made; "": nothing was.
  std::string location;
};

// A field of a call's request, and the FHIRPath of what it was read from.
struct FieldPath {
  absl::string_view field;
  absl::string_view path;
};
using FieldPaths = absl::Span<const FieldPath>;

struct Step {
  // The end; without it a call comes next.
  std::optional<FhirAnswer> answer;
  // "/lumbar.booking.v1.BookingService/CreateHold".
  std::string method;
  // Serialized.
  std::string request;
  // By which the call's failures name the fields of the client; of static lifetime.
  FieldPaths paths;
  // Goes on from the serialized response.
  std::function<absl::StatusOr<Step>(const std::string& response)> then;
};

inline absl::StatusOr<Step> Answered(FhirAnswer answer) {
  Step step;
  step.answer = std::move(answer);
  return step;
}

// A call, and what comes after it. INTERNAL/INTERNAL: the response isn't one.
template <typename Response, typename Request, typename Then>
absl::StatusOr<Step> Call(absl::string_view method, const Request& request, FieldPaths paths, Then then) {
  Step step;
  step.method = std::string(method);
  step.request = request.SerializeAsString();
  step.paths = paths;
  step.then = [then = std::move(then)](const std::string& serialized) -> absl::StatusOr<Step> {
    Response response;
    if (!response.ParseFromString(serialized)) return InternalFailure();
    return then(response);
  };
  return step;
}

using Handler = absl::StatusOr<Step> (*)(const FhirRequest& request);

}  // namespace lumbar::gateway::fhir
