// Between the suite's resource names and FHIR's references and ids.
#pragma once

#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include <optional>
#include <string>

#include "lumbar/booking/v1/appointment.pb.h"
#include "services/gateway/fhir/element.h"

namespace lumbar::gateway::fhir {

// "virtual-back-pain": the kind of visit that a consult leads to, and the one that is offered here.
inline constexpr absl::string_view kVisitType = "virtual-back-pain";

// Systems of the suite's own codes.
inline constexpr char kVisitTypes[] = "urn:lumbar:visit-type";
inline constexpr char kFindings[] = "urn:lumbar:finding";
inline constexpr char kLevels[] = "urn:lumbar:level";
inline constexpr char kReasons[] = "urn:lumbar:reason";
inline constexpr char kStates[] = "urn:lumbar:consult-state";
inline constexpr char kRuleSets[] = "urn:lumbar:rule-set";
inline constexpr char kSexes[] = "http://hl7.org/fhir/administrative-gender";

// "alex" of "patients/alex".
std::string IdOf(absl::string_view name);
// {"reference": "Patient/alex"} of "Patient" and "patients/alex".
Json ReferenceTo(absl::string_view type, absl::string_view name);
// {"coding": [{"system", "code"}]}
Json Concept(absl::string_view system, absl::string_view code);

// The id in a reference to a resource of `type`: "Patient/alex", or the same after any address. At `path`:
// INVALID_ARGUMENT/INVALID_FIELD if it isn't one.
absl::StatusOr<std::string> ReadReference(absl::string_view reference, absl::string_view type, absl::string_view path);
// The same of an element that is a Reference.
absl::StatusOr<std::string> ReadReference(const Element& element, absl::string_view type);

// A slot's id: when, and a digest of with whom and for what, because FHIR's ids end at 64 characters.
std::string SlotId(const booking::v1::Slot& slot);

// An appointment that is offered for a consult and isn't kept: its id says which consult and slot.
struct Proposal {
  std::string consult;
  absl::Time start;
  std::string slot_id;
};
std::string ProposalId(absl::string_view consult, const booking::v1::Slot& slot);
std::optional<Proposal> ReadProposalId(absl::string_view id);

// A hold is an appointment that is pending; its id tells it from one that is booked.
std::string HeldId(absl::string_view hold);
// "holds/<uuid>"; nothing if it is no such id.
std::optional<std::string> ReadHeldId(absl::string_view id);

}  // namespace lumbar::gateway::fhir
