#include "services/gateway/fhir/interactions.h"

#include <absl/strings/str_cat.h>

#include "services/gateway/fhir/appointment.h"
#include "services/gateway/fhir/capability_statement.h"
#include "services/gateway/fhir/practitioner.h"
#include "services/gateway/fhir/proof.h"
#include "services/gateway/fhir/questionnaire.h"
#include "services/gateway/fhir/risk_assessment.h"
#include "services/gateway/fhir/scheduling.h"
#include "services/gateway/fhir/slot.h"
#include "services/gateway/fhir/task.h"

namespace lumbar::gateway::fhir {
namespace {

constexpr SearchParameter kCount = {"_count", "number", "How many on a page, 1 to 200"};
constexpr SearchParameter kPage = {"_page", "string", "Where to go on, as a link of relation next told it"};

const std::vector<SearchParameter>& SlotParameters() {
  static const auto& parameters = *new std::vector<SearchParameter>{
      {"schedule", "reference", "Whose; this or schedule.actor is needed"},
      {"schedule.actor", "reference", "The practitioner whose it is"},
      {"start", "date", "When it begins, within 31 days; 14 days from now on if left out"},
      {"status", "token", "Only free ones are known"},
      {"service-type", "token", "virtual-back-pain, of urn:lumbar:visit-type"},
      kCount,
      kPage};
  return parameters;
}

const std::vector<SearchParameter>& AppointmentParameters() {
  static const auto& parameters = *new std::vector<SearchParameter>{
      {"patient", "reference", "Whose; a patient may leave it out. By POST to _search only", true},
      {"practitioner", "reference", "With whom"},
      kCount,
      kPage};
  return parameters;
}

const std::vector<SearchParameter>& FindParameters() {
  static const auto& parameters = *new std::vector<SearchParameter>{
      {"risk-assessment", "reference", "On which the visit rests; needed"},
      {"start", "date", "From when on"},
      {"end", "date", "Until when"},
      {"practitioner", "reference", "With whom; anybody who may see the patient if left out"},
      kCount,
      kPage};
  return parameters;
}

const std::vector<SearchParameter>& TaskParameters() {
  static const auto& parameters = *new std::vector<SearchParameter>{
      {"patient", "reference", "Whose; a patient may leave it out. By POST to _search only", true},
      {"owner", "reference", "The practitioner whose worklist it is"},
      {"owner:missing", "token", "true: what waits for the staff and nobody has taken on"},
      {"status", "token", "Some of FHIR's, joined by commas"},
      {"business-status", "token", "A consult's state, of urn:lumbar:consult-state"},
      {"_sort", "string", "-authored-on, which is the default, or -priority: the most urgent first"},
      kCount,
      kPage};
  return parameters;
}

}  // namespace

const std::vector<Interaction>& Interactions() {
  constexpr BodyKind kNone = BodyKind::kNone;
  constexpr BodyKind kResource = BodyKind::kResource;
  constexpr BodyKind kForm = BodyKind::kForm;
  static const auto& interactions = *new std::vector<Interaction>{
      {"GET", "/metadata", "", "capabilities", "", kNone, {}, Capabilities},
      {"GET", "/Slot", "Slot", "search-type", kGetClinician, kNone, SlotParameters(), SearchSlots},
      {"POST", "/Slot/_search", "Slot", "search-type", kGetClinician, kForm, SlotParameters(), SearchSlots},
      {"GET", "/Schedule/{id}", "Schedule", "read", kGetClinician, kNone, {}, ReadSchedule},
      {"GET",
       "/Schedule",
       "Schedule",
       "search-type",
       kListClinicians,
       kNone,
       {{"actor", "reference", "The practitioner whose it is"}, kCount, kPage},
       SearchSchedules},
      {"GET", "/Practitioner/{id}", "Practitioner", "read", kGetClinician, kNone, {}, ReadPractitioner},
      {"GET",
       "/Practitioner",
       "Practitioner",
       "search-type",
       kListClinicians,
       kNone,
       {kCount, kPage},
       SearchPractitioners},
      {"GET", "/Appointment/$find", "Appointment", "$find", kGetConsult, kNone, FindParameters(), FindAppointments},
      {"POST", "/Appointment/$find", "Appointment", "$find", kGetConsult, kResource, FindParameters(),
       FindAppointments},
      {"POST", "/Appointment/$hold", "Appointment", "$hold", kGetConsult, kResource, {}, HoldAppointment},
      {"POST", "/Appointment/$book", "Appointment", "$book", kConfirmHold, kResource, {}, BookAppointment},
      {"GET", "/Appointment/{id}", "Appointment", "read", kGetAppointment, kNone, {}, ReadAppointment},
      {"PUT", "/Appointment/{id}", "Appointment", "update", kCancelAppointment, kResource, {}, UpdateAppointment},
      {"GET", "/Appointment", "Appointment", "search-type", kListAppointments, kNone, AppointmentParameters(),
       SearchAppointments},
      {"POST", "/Appointment/_search", "Appointment", "search-type", kListAppointments, kForm, AppointmentParameters(),
       SearchAppointments},
      {"GET", "/Questionnaire/{id}", "Questionnaire", "read", kGetProtocol, kNone, {}, ReadQuestionnaire},
      {"GET",
       "/Questionnaire",
       "Questionnaire",
       "search-type",
       kListProtocols,
       kNone,
       {kCount, kPage},
       SearchQuestionnaires},
      {"POST",
       "/QuestionnaireResponse",
       "QuestionnaireResponse",
       "create",
       kRequestConsult,
       kResource,
       {},
       CreateQuestionnaireResponse},
      {"GET",
       "/QuestionnaireResponse/{id}",
       "QuestionnaireResponse",
       "read",
       kGetConsult,
       kNone,
       {},
       ReadQuestionnaireResponse},
      {"GET", "/RiskAssessment/{id}", "RiskAssessment", "read", kGetConsult, kNone, {}, ReadRiskAssessment},
      {"GET", "/Task/{id}", "Task", "read", kGetConsult, kNone, {}, ReadTask},
      {"GET", "/Task", "Task", "search-type", kListConsults, kNone, TaskParameters(), SearchTasks},
      {"POST", "/Task/_search", "Task", "search-type", kListConsults, kForm, TaskParameters(), SearchTasks},
  };
  return interactions;
}

std::string TemplateOf(const Interaction& interaction) { return absl::StrCat(kFacadePath, interaction.path); }

}  // namespace lumbar::gateway::fhir
