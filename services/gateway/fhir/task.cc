#include "services/gateway/fhir/task.h"

#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_split.h>
#include <absl/strings/strip.h>

#include <algorithm>
#include <array>
#include <utility>

#include "common/status/errors.h"
#include "common/status/macros.h"
#include "lumbar/consult/v1/consult_service.pb.h"
#include "services/gateway/fhir/bundle.h"
#include "services/gateway/fhir/names.h"
#include "services/gateway/fhir/proof.h"
#include "services/gateway/fhir/search.h"
#include "services/gateway/fhir/times.h"

namespace lumbar::gateway::fhir {
namespace {

using consult::v1::Consult;
using consult::v1::ConsultState;
using consult::v1::ListConsultsRequest;
using triage::v1::Level;

constexpr std::array<FieldPath, 6> kTaskPaths = {{{"patient", "http.patient"},
                                                  {"clinician", "http.owner"},
                                                  {"states", "http.status"},
                                                  {"page_size", "http._count"},
                                                  {"page_token", "http._page"},
                                                  {"name", "Task.id"}}};

// The nearest of FHIR's words.
constexpr std::array<std::pair<ConsultState, const char*>, 13> kStatuses = {
    {{consult::v1::CONSULT_STATE_TRIAGED, "received"},
     {consult::v1::CONSULT_STATE_EMERGENCY, "rejected"},
     {consult::v1::CONSULT_STATE_SELF_CARE, "ready"},
     {consult::v1::CONSULT_STATE_OFFERED, "ready"},
     {consult::v1::CONSULT_STATE_HELD, "in-progress"},
     {consult::v1::CONSULT_STATE_BOOKED, "accepted"},
     {consult::v1::CONSULT_STATE_ESCALATED, "requested"},
     {consult::v1::CONSULT_STATE_CANCELLED, "cancelled"},
     {consult::v1::CONSULT_STATE_COMPLETED, "completed"},
     {consult::v1::CONSULT_STATE_IN_VISIT, "in-progress"},
     {consult::v1::CONSULT_STATE_DECLINED, "on-hold"},
     {consult::v1::CONSULT_STATE_EXPIRED, "failed"},
     {consult::v1::CONSULT_STATE_NO_SHOW, "failed"}}};

const char* TaskStatus(ConsultState state) {
  const auto* found = std::find_if(kStatuses.begin(), kStatuses.end(), [&](const auto& o) { return o.first == state; });
  return found == kStatuses.end() ? "entered-in-error" : found->second;
}

std::string StateCode(ConsultState state) {
  return std::string(absl::StripPrefix(consult::v1::ConsultState_Name(state), "CONSULT_STATE_"));
}

// Not knowing the danger isn't routine.
const char* PriorityOf(const Consult& consult) {
  if (!consult.has_assessment()) return "urgent";
  const Level level = consult.assessment().level();
  if (level == triage::v1::LEVEL_SELF_CARE || level == triage::v1::LEVEL_CONSULTATION) return "routine";
  return level == triage::v1::LEVEL_CONSULTATION_24 ? "urgent" : "stat";
}

// One that nothing has happened to since it was asked for has no time of change.
std::string LastChange(const Consult& consult) {
  return Instant(consult.has_update_time() ? consult.update_time() : consult.create_time());
}

// Who looks after it; null: nobody.
Json OwnerOf(const Consult& consult) {
  const std::string& who = consult.handler().empty() ? consult.chosen_slot().clinician() : consult.handler();
  if (who.empty()) return nullptr;
  if (absl::StartsWith(who, "clinicians/")) return ReferenceTo("Practitioner", who);
  return {{"identifier", {{"system", "urn:lumbar:subject"}, {"value", who}}}};
}

absl::Status AddStates(const FhirRequest& request, ListConsultsRequest& wanted) {
  LUMBAR_ASSIGN_OR_RETURN(const std::string statuses, ReadToken(request, "status", "http://hl7.org/fhir/task-status"));
  for (const absl::string_view status : absl::StrSplit(statuses, ',', absl::SkipEmpty())) {
    const int before = wanted.states_size();
    for (const auto& [state, name] : kStatuses) {
      if (status == name) wanted.add_states(state);
    }
    if (wanted.states_size() == before) return InvalidField("http.status", "no task here ever has that status");
  }
  LUMBAR_ASSIGN_OR_RETURN(const std::string code, ReadToken(request, "business-status", kStates));
  ConsultState state = consult::v1::CONSULT_STATE_UNSPECIFIED;
  if (code.empty()) return absl::OkStatus();
  if (!consult::v1::ConsultState_Parse(absl::StrCat("CONSULT_STATE_", code), &state)) {
    return InvalidField("http.business-status", absl::StrCat("must be a code of ", kStates));
  }
  if (!statuses.empty()) return InvalidField("http.business-status", "can't be combined with status");
  wanted.add_states(state);
  return absl::OkStatus();
}

absl::Status AddView(const FhirRequest& request, ListConsultsRequest& wanted) {
  LUMBAR_ASSIGN_OR_RETURN(*wanted.mutable_clinician(), ReadName(request, "owner", "Practitioner", "clinicians"));
  if (!wanted.clinician().empty()) wanted.set_view(consult::v1::CONSULT_VIEW_WORKLIST);
  const std::string missing = request.Parameter("owner:missing");
  if (missing.empty()) return absl::OkStatus();
  if (missing != "true" || !wanted.clinician().empty()) {
    return InvalidField("http.owner:missing", "can only be true, and not along with owner");
  }
  wanted.set_view(consult::v1::CONSULT_VIEW_STAFF_QUEUE);
  return absl::OkStatus();
}

absl::Status AddOrder(const FhirRequest& request, ListConsultsRequest& wanted) {
  const std::string sort = request.Parameter("_sort");
  if (sort.empty() || sort == "-authored-on") return absl::OkStatus();
  if (sort != "-priority") return InvalidField("http._sort", "must be -priority or -authored-on");
  wanted.set_order(consult::v1::CONSULT_ORDER_URGENCY);
  return absl::OkStatus();
}

}  // namespace

Json Task(const Consult& consult) {
  const std::string code = StateCode(consult.state());
  Json resource = {{"resourceType", "Task"},
                   {"id", IdOf(consult.name())},
                   {"meta", {{"versionId", consult.etag()}, {"lastUpdated", LastChange(consult)}}},
                   {"status", TaskStatus(consult.state())}};
  if (!consult.escalation_reason().empty()) resource["statusReason"] = {{"text", consult.escalation_reason()}};
  resource["businessStatus"] = Concept(kStates, code);
  resource["intent"] = "order";
  resource["priority"] = PriorityOf(consult);
  if (!consult.guidance().empty()) resource["description"] = consult.guidance();
  resource["focus"] = ReferenceTo("QuestionnaireResponse", consult.name());
  resource["for"] = ReferenceTo("Patient", consult.patient());
  resource["authoredOn"] = Instant(consult.create_time());
  resource["lastModified"] = LastChange(consult);
  if (Json owner = OwnerOf(consult); !owner.is_null()) resource["owner"] = std::move(owner);
  resource["reasonReference"] = ReferenceTo("RiskAssessment", consult.name());
  if (consult.has_respond_by_time() || consult.assessment().has_act_by_time()) {
    const auto& by = consult.has_respond_by_time() ? consult.respond_by_time() : consult.assessment().act_by_time();
    resource["restriction"] = {{"period", {{"end", Instant(by)}}}};
  }
  if (!consult.appointment().empty()) {
    resource["output"] = Json::array(
        {Json{{"type", {{"text", "visit"}}}, {"valueReference", ReferenceTo("Appointment", consult.appointment())}}});
  }
  return resource;
}

absl::StatusOr<Step> ReadTask(const FhirRequest& request) {
  return WithConsult(request.id, kTaskPaths, [](const Consult& consult) {
    FhirAnswer answer;
    answer.resource = Task(consult);
    answer.version = consult.etag();
    return Answered(std::move(answer));
  });
}

absl::StatusOr<Step> SearchTasks(const FhirRequest& request) {
  ListConsultsRequest wanted;
  LUMBAR_ASSIGN_OR_RETURN(*wanted.mutable_patient(), ReadName(request, "patient", "Patient", "patients"));
  LUMBAR_RETURN_IF_ERROR(AddStates(request, wanted));
  LUMBAR_RETURN_IF_ERROR(AddView(request, wanted));
  LUMBAR_RETURN_IF_ERROR(AddOrder(request, wanted));
  LUMBAR_ASSIGN_OR_RETURN(const int size, PageSize(request));
  wanted.set_page_size(size);
  wanted.set_page_token(request.Parameter(kPageParameter));
  return Call<consult::v1::ListConsultsResponse>(
      kListConsults, wanted, kTaskPaths, [request](const consult::v1::ListConsultsResponse& response) {
        std::vector<Json> resources;
        for (const auto& consult : response.consults()) resources.push_back(Task(consult));
        FhirAnswer answer;
        answer.resource = SearchSet(request, std::move(resources), response.next_page_token());
        return Answered(std::move(answer));
      });
}

}  // namespace lumbar::gateway::fhir
