#include "services/gateway/fhir/wanted.h"

#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>

#include <optional>

#include "common/status/errors.h"
#include "common/status/macros.h"
#include "services/gateway/fhir/appointment.h"
#include "services/gateway/fhir/names.h"
#include "services/gateway/fhir/operation_input.h"
#include "services/gateway/fhir/times.h"

namespace lumbar::gateway::fhir {
namespace {

// The id of the one reference to a `type` among those in the parts of a list; "" if there is none.
absl::StatusOr<std::string> ReferenceIn(const Element& appointment, const char* list, const char* inside,
                                        const char* type) {
  LUMBAR_ASSIGN_OR_RETURN(const auto parts, appointment.Each(list));
  for (const Element& part : parts) {
    const auto reference = *inside == '\0' ? std::optional<Element>(part) : part.Find(inside);
    if (!reference) continue;
    LUMBAR_ASSIGN_OR_RETURN(const std::string text, reference->TextIfAny("reference"));
    if (absl::StrContains(text, absl::StrCat(type, "/"))) return ReadReference(*reference, type);
  }
  return std::string();
}

absl::Status ReadProposed(const Element& appointment, Wanted& wanted) {
  LUMBAR_ASSIGN_OR_RETURN(const Element start, appointment.Get("start"));
  LUMBAR_ASSIGN_OR_RETURN(wanted.start, ReadInstant(start));
  LUMBAR_ASSIGN_OR_RETURN(wanted.clinician, ReferenceIn(appointment, "participant", "actor", "Practitioner"));
  LUMBAR_ASSIGN_OR_RETURN(wanted.consult, ReferenceIn(appointment, "supportingInformation", "", "RiskAssessment"));
  if (wanted.clinician.empty()) {
    return InvalidField("Appointment.participant.actor", "must name the Practitioner with whom it is");
  }
  if (wanted.consult.empty()) {
    return InvalidField("Appointment.supportingInformation", "must name the RiskAssessment that it rests on");
  }
  return absl::OkStatus();
}

absl::StatusOr<Wanted> ReadResource(const Element& appointment) {
  Wanted wanted;
  LUMBAR_RETURN_IF_ERROR(CheckAppointment(appointment));
  LUMBAR_ASSIGN_OR_RETURN(wanted.id, appointment.TextIfAny("id"));
  LUMBAR_ASSIGN_OR_RETURN(wanted.status, appointment.TextIfAny("status"));
  if (const auto meta = appointment.Find("meta")) {
    LUMBAR_ASSIGN_OR_RETURN(wanted.version, meta->TextIfAny("versionId"));
  }
  // What is kept or booked is known by its id alone.
  const bool is_proposed = wanted.id.empty() || ReadProposalId(wanted.id).has_value();
  if (is_proposed) LUMBAR_RETURN_IF_ERROR(ReadProposed(appointment, wanted));
  return wanted;
}

}  // namespace

absl::StatusOr<Wanted> ReadWanted(const FhirRequest& request) {
  LUMBAR_ASSIGN_OR_RETURN(
      const OperationInput input,
      OperationInput::Read(request, {"appointment", "appointment-resource", "appointment-reference"}));
  for (const char* name : {"appointment", "appointment-resource"}) {
    LUMBAR_ASSIGN_OR_RETURN(const auto appointment, input.Resource(name));
    if (appointment) return ReadResource(Element(appointment->json(), "Appointment"));
  }
  Wanted wanted;
  LUMBAR_ASSIGN_OR_RETURN(wanted.id, input.Reference("appointment-reference", "Appointment"));
  if (wanted.id.empty()) {
    return InvalidField("Parameters.parameter", "must have an appointment-reference, or an appointment");
  }
  return wanted;
}

}  // namespace lumbar::gateway::fhir
