#include "services/gateway/fhir/questionnaire.h"

#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "common/status/errors.h"
#include "common/status/macros.h"
#include "lumbar/consult/v1/consult_service.pb.h"
#include "lumbar/triage/v1/triage_service.pb.h"
#include "services/gateway/fhir/bundle.h"
#include "services/gateway/fhir/names.h"
#include "services/gateway/fhir/patient.h"
#include "services/gateway/fhir/proof.h"
#include "services/gateway/fhir/search.h"
#include "services/gateway/fhir/times.h"

namespace lumbar::gateway::fhir {
namespace {

using consult::v1::Consult;
using triage::v1::Presentation;

constexpr char kAge[] = "age_years";
constexpr char kDuration[] = "duration_days";
constexpr char kSeverity[] = "pain_severity";
constexpr char kSex[] = "sex";
// The protocol that consults are assessed by.
constexpr absl::string_view kProtocol = "low-back-pain";

constexpr std::array<FieldPath, 17> kAnswerPaths = {
    {{"contact.display_name", "QuestionnaireResponse.contained.name"},
     {"contact.age_years", "QuestionnaireResponse.contained.birthDate"},
     {"contact.language_code", "QuestionnaireResponse.contained.communication"},
     {"presentation.age_years", "QuestionnaireResponse.item.where(linkId='age_years')"},
     {"presentation.duration_days", "QuestionnaireResponse.item.where(linkId='duration_days')"},
     {"presentation.pain_severity", "QuestionnaireResponse.item.where(linkId='pain_severity')"},
     {"presentation.sex", "QuestionnaireResponse.item.where(linkId='sex')"},
     {"contact.state", "QuestionnaireResponse.contained.address.state"},
     {"contact.time_zone", "QuestionnaireResponse.contained.address.extension"},
     {"contact.email", "QuestionnaireResponse.contained.telecom"},
     {"contact.phone_number", "QuestionnaireResponse.contained.telecom"},
     {"contact", "QuestionnaireResponse.contained"},
     {"presentation", "QuestionnaireResponse.item"},
     {"patient", "QuestionnaireResponse.subject"},
     {"page_size", "http._count"},
     {"page_token", "http._page"},
     {"request_id", "http.Idempotency-Key"}}};

const char* LinkIdOf(triage::v1::Quantity quantity) {
  switch (quantity) {
    case triage::v1::QUANTITY_AGE_YEARS:
      return kAge;
    case triage::v1::QUANTITY_DURATION_DAYS:
      return kDuration;
    case triage::v1::QUANTITY_PAIN_SEVERITY:
      return kSeverity;
    default:
      return nullptr;
  }
}

Json SexQuestion(const std::string& text) {
  Json options = Json::array();
  for (const char* code : {"female", "male"}) {
    options.push_back({{"valueCoding", {{"system", kSexes}, {"code", code}}}});
  }
  return {{"linkId", kSex}, {"text", text}, {"type", "choice"}, {"answerOption", std::move(options)}};
}

Json Item(const char* link_id, Json answer) {
  return {{"linkId", link_id}, {"answer", Json::array({std::move(answer)})}};
}

// Of two answers to one question nobody knows which is right. Of findings triage says so.
bool IsAnswered(absl::string_view link_id, const Presentation& presentation) {
  if (link_id == kAge) return presentation.has_age_years();
  if (link_id == kDuration) return presentation.has_duration_days();
  if (link_id == kSeverity) return presentation.has_pain_severity();
  return link_id == kSex && presentation.sex() != triage::v1::SEX_UNSPECIFIED;
}

absl::Status Accept(absl::string_view link_id, const Element& answer, Presentation& presentation) {
  if (IsAnswered(link_id, presentation)) return answer.Wrong("is a second answer to its question");
  const auto number = [&](const auto& set) -> absl::Status {
    LUMBAR_ASSIGN_OR_RETURN(const Element value, answer.Get("valueInteger"));
    LUMBAR_ASSIGN_OR_RETURN(const uint32_t count, value.Count());
    set(count);
    return absl::OkStatus();
  };
  if (link_id == kAge) return number([&](uint32_t count) { presentation.set_age_years(count); });
  if (link_id == kDuration) return number([&](uint32_t count) { presentation.set_duration_days(count); });
  if (link_id == kSeverity) return number([&](uint32_t count) { presentation.set_pain_severity(count); });
  if (link_id == kSex) {
    LUMBAR_ASSIGN_OR_RETURN(const Element coding, answer.Get("valueCoding"));
    LUMBAR_ASSIGN_OR_RETURN(const std::string code, coding.TextAt("code"));
    if (code != "female" && code != "male") return coding.Wrong("must be female or male; leave it out if not known");
    presentation.set_sex(code == "female" ? triage::v1::SEX_FEMALE : triage::v1::SEX_MALE);
    return absl::OkStatus();
  }
  LUMBAR_ASSIGN_OR_RETURN(const Element value, answer.Get("valueBoolean"));
  LUMBAR_ASSIGN_OR_RETURN(const bool is_there, value.Truth());
  auto& finding = *presentation.add_findings();
  finding.set_code(std::string(link_id));
  finding.set_presence(is_there ? triage::v1::PRESENCE_PRESENT : triage::v1::PRESENCE_ABSENT);
  return absl::OkStatus();
}

// Groups within groups, as deep as the text, which was bounded.
absl::Status AcceptItems(const Element& parent, Presentation& presentation) {
  LUMBAR_ASSIGN_OR_RETURN(const auto items, parent.Each("item"));
  for (const Element& item : items) {
    LUMBAR_ASSIGN_OR_RETURN(const std::string link_id, item.TextAt("linkId"));
    LUMBAR_ASSIGN_OR_RETURN(const auto answers, item.Each("answer"));
    if (answers.size() > 1) return item.Wrong("takes one answer");
    LUMBAR_RETURN_IF_ERROR(item.CheckParts({"id", "extension", "linkId", "definition", "text", "answer", "item"}));
    for (const Element& answer : answers) {
      LUMBAR_RETURN_IF_ERROR(Accept(link_id, answer, presentation));
      LUMBAR_RETURN_IF_ERROR(
          answer.CheckParts({"id", "extension", "valueBoolean", "valueInteger", "valueCoding", "item"}));
      LUMBAR_RETURN_IF_ERROR(AcceptItems(answer, presentation));
    }
    LUMBAR_RETURN_IF_ERROR(AcceptItems(item, presentation));
  }
  return absl::OkStatus();
}

absl::Status CheckQuestionnaire(const Element& response) {
  LUMBAR_ASSIGN_OR_RETURN(std::string named, response.TextIfAny("questionnaire"));
  named = named.substr(0, named.find('|'));
  const bool is_ours = named.empty() || absl::EndsWith(named, absl::StrCat("Questionnaire/", kProtocol));
  return is_ours
             ? absl::OkStatus()
             : InvalidField("QuestionnaireResponse.questionnaire", absl::StrCat("must be Questionnaire/", kProtocol));
}

// "patients/alex"; "" if it isn't told here.
absl::StatusOr<std::string> SubjectOf(const Element& response) {
  const auto subject = response.Find("subject");
  if (!subject) return std::string();
  LUMBAR_ASSIGN_OR_RETURN(const std::string id, ReadReference(*subject, "Patient"));
  return absl::StrCat("patients/", id);
}

absl::StatusOr<consult::v1::RequestConsultRequest> ReadRequestConsult(const FhirRequest& request) {
  const Element response(request.body, "QuestionnaireResponse");
  consult::v1::RequestConsultRequest wanted;
  LUMBAR_RETURN_IF_ERROR(response.CheckType("QuestionnaireResponse"));
  LUMBAR_RETURN_IF_ERROR(CheckQuestionnaire(response));
  LUMBAR_ASSIGN_OR_RETURN(*wanted.mutable_presentation(), ReadPresentation(response));
  LUMBAR_ASSIGN_OR_RETURN(*wanted.mutable_patient(), SubjectOf(response));
  LUMBAR_ASSIGN_OR_RETURN(const auto contained, response.Each("contained"));
  if (contained.size() != 1) {
    return InvalidField("QuestionnaireResponse.contained", "must be one Patient, whom to tell of the visit");
  }
  LUMBAR_ASSIGN_OR_RETURN(*wanted.mutable_contact(), ReadContact(contained.front(), request.now));
  wanted.set_request_id(request.request_id);
  return wanted;
}

}  // namespace

Json Questionnaire(const FhirRequest& request, const triage::v1::Protocol& protocol) {
  const std::string id = IdOf(protocol.name());
  Json items = Json::array();
  for (const auto& question : protocol.questions()) {
    if (question.sex()) items.push_back(SexQuestion(question.text()));
    if (const char* link_id = LinkIdOf(question.quantity())) {
      items.push_back({{"linkId", link_id}, {"text", question.text()}, {"type", "integer"}});
    }
  }
  for (const auto& finding : protocol.findings()) {
    items.push_back({{"linkId", finding.code()},
                     {"code", Json::array({Json{{"system", kFindings}, {"code", finding.code()}}})},
                     {"text", finding.question()},
                     {"type", "boolean"}});
  }
  return {{"resourceType", "Questionnaire"},
          {"id", id},
          {"url", absl::StrCat(request.base, "/Questionnaire/", id)},
          {"version", protocol.version()},
          {"title", protocol.title()},
          {"status", "active"},
          {"subjectType", Json::array({"Patient"})},
          {"item", std::move(items)}};
}

Json QuestionnaireResponse(const FhirRequest& request, const Consult& consult) {
  const Presentation& told = consult.presentation();
  Json items = Json::array();
  if (told.has_age_years()) items.push_back(Item(kAge, {{"valueInteger", told.age_years()}}));
  if (told.has_duration_days()) items.push_back(Item(kDuration, {{"valueInteger", told.duration_days()}}));
  if (told.has_pain_severity()) items.push_back(Item(kSeverity, {{"valueInteger", told.pain_severity()}}));
  if (told.sex() != triage::v1::SEX_UNSPECIFIED) {
    const char* code = told.sex() == triage::v1::SEX_FEMALE ? "female" : "male";
    items.push_back(Item(kSex, {{"valueCoding", {{"system", kSexes}, {"code", code}}}}));
  }
  for (const auto& finding : told.findings()) {
    const bool is_there = finding.presence() == triage::v1::PRESENCE_PRESENT;
    if (!is_there && finding.presence() != triage::v1::PRESENCE_ABSENT) continue;
    items.push_back(Item(finding.code().c_str(), {{"valueBoolean", is_there}}));
  }
  Json resource = {{"resourceType", "QuestionnaireResponse"},
                   {"id", IdOf(consult.name())},
                   {"questionnaire", absl::StrCat(request.base, "/Questionnaire/", kProtocol)},
                   {"status", "completed"},
                   {"subject", ReferenceTo("Patient", consult.patient())},
                   {"authored", Instant(consult.create_time())}};
  if (!items.empty()) resource["item"] = std::move(items);
  return resource;
}

absl::StatusOr<Presentation> ReadPresentation(const Element& response) {
  LUMBAR_ASSIGN_OR_RETURN(const std::string status, response.TextAt("status"));
  if (status != "completed") return InvalidField("QuestionnaireResponse.status", "must be completed");
  LUMBAR_RETURN_IF_ERROR(response.CheckParts({"resourceType", "id", "meta", "language", "text", "contained",
                                              "extension", "identifier", "basedOn", "partOf", "status", "subject",
                                              "encounter", "authored", "author", "source", "item", "questionnaire"}));
  Presentation presentation;
  LUMBAR_RETURN_IF_ERROR(AcceptItems(response, presentation));
  return presentation;
}

absl::StatusOr<Step> ReadQuestionnaire(const FhirRequest& request) {
  if (!IsSlug(request.id)) return NoSuchResource();
  triage::v1::GetProtocolRequest wanted;
  wanted.set_name(absl::StrCat("protocols/", request.id));
  return Call<triage::v1::GetProtocolResponse>(kGetProtocol, wanted, kAnswerPaths,
                                               [request](const triage::v1::GetProtocolResponse& response) {
                                                 FhirAnswer answer;
                                                 answer.resource = Questionnaire(request, response.protocol());
                                                 return Answered(std::move(answer));
                                               });
}

absl::StatusOr<Step> SearchQuestionnaires(const FhirRequest& request) {
  triage::v1::ListProtocolsRequest wanted;
  LUMBAR_ASSIGN_OR_RETURN(const int size, PageSize(request));
  wanted.set_page_size(size);
  wanted.set_page_token(request.Parameter(kPageParameter));
  return Call<triage::v1::ListProtocolsResponse>(
      kListProtocols, wanted, kAnswerPaths, [request](const triage::v1::ListProtocolsResponse& response) {
        std::vector<Json> resources;
        for (const auto& protocol : response.protocols()) resources.push_back(Questionnaire(request, protocol));
        FhirAnswer answer;
        answer.resource = SearchSet(request, std::move(resources), response.next_page_token());
        return Answered(std::move(answer));
      });
}

absl::StatusOr<Step> ReadQuestionnaireResponse(const FhirRequest& request) {
  return WithConsult(request.id, {}, [request](const Consult& consult) {
    FhirAnswer answer;
    answer.resource = QuestionnaireResponse(request, consult);
    return Answered(std::move(answer));
  });
}

absl::StatusOr<Step> CreateQuestionnaireResponse(const FhirRequest& request) {
  LUMBAR_ASSIGN_OR_RETURN(const consult::v1::RequestConsultRequest wanted, ReadRequestConsult(request));
  return Call<consult::v1::RequestConsultResponse>(
      kRequestConsult, wanted, kAnswerPaths, [request](const consult::v1::RequestConsultResponse& response) {
        FhirAnswer answer;
        answer.status = 201;
        answer.resource = QuestionnaireResponse(request, response.consult());
        answer.location = absl::StrCat(request.base, "/QuestionnaireResponse/", IdOf(response.consult().name()));
        return Answered(std::move(answer));
      });
}

}  // namespace lumbar::gateway::fhir
