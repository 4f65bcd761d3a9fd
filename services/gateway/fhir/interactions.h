// Everything that can be asked of the facade. Requests are routed by this table, and the CapabilityStatement is made of
// it.
#pragma once

#include <string>
#include <vector>

#include "services/gateway/fhir/step.h"

namespace lumbar::gateway::fhir {

struct SearchParameter {
  const char* name;
  // FHIR's: "token", "date", "reference", "number".
  const char* type;
  const char* about;
  // Tells of a patient: no URL may have it, so that it comes by POST to _search.
  bool is_patient_data = false;
};

enum class BodyKind {
  kNone,
  kResource,
  // What a search has.
  kForm,
};

struct Interaction {
  const char* http_method;
  // Below the facade's address; has {id} or nothing.
  const char* path;
  // "" for what is of the whole facade.
  const char* resource;
  // As a CapabilityStatement names it, or an operation's name with its "$".
  const char* code;
  // The first call that is made; "" if none is.
  const char* method;
  BodyKind body;
  std::vector<SearchParameter> parameters;
  Handler handler;
};

const std::vector<Interaction>& Interactions();

// "/fhir/R4/Appointment/{id}".
std::string TemplateOf(const Interaction& interaction);

inline constexpr char kFacadePath[] = "/fhir/R4";

}  // namespace lumbar::gateway::fhir
