// Triage's questions as FHIR's Questionnaire, and the answers to them as its QuestionnaireResponse.
#pragma once

#include "lumbar/consult/v1/consult.pb.h"
#include "lumbar/triage/v1/protocol.pb.h"
#include "services/gateway/fhir/step.h"

namespace lumbar::gateway::fhir {

// Numbers are integers, findings booleans; what isn't answered is unknown, which isn't the same as false.
Json Questionnaire(const FhirRequest& request, const triage::v1::Protocol& protocol);

// The answers that a consult was asked with; its id is the consult's.
Json QuestionnaireResponse(const FhirRequest& request, const consult::v1::Consult& consult);

// INVALID_ARGUMENT/INVALID_FIELD: an answer is of another type than its question, comes twice, or the response isn't
// completed.
absl::StatusOr<triage::v1::Presentation> ReadPresentation(const Element& response);

absl::StatusOr<Step> ReadQuestionnaire(const FhirRequest& request);
absl::StatusOr<Step> SearchQuestionnaires(const FhirRequest& request);
absl::StatusOr<Step> ReadQuestionnaireResponse(const FhirRequest& request);
// Asks for a visit: answers, of whom (`subject`; a patient may leave it out), and whom to tell (a contained Patient).
absl::StatusOr<Step> CreateQuestionnaireResponse(const FhirRequest& request);

inline constexpr char kGetProtocol[] = "/lumbar.triage.v1.TriageService/GetProtocol";
inline constexpr char kListProtocols[] = "/lumbar.triage.v1.TriageService/ListProtocols";
inline constexpr char kRequestConsult[] = "/lumbar.consult.v1.ConsultService/RequestConsult";

}  // namespace lumbar::gateway::fhir
