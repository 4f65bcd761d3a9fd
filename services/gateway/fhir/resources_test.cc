// What each resource says of what it is made of, and the other way round.
#include "common/status/matchers.h"
#include "lumbar/booking/v1/clinician_service.pb.h"
#include "lumbar/booking/v1/slot_calls.pb.h"
#include "lumbar/triage/v1/triage_service.pb.h"
#include "services/gateway/fhir/appointment.h"
#include "services/gateway/fhir/names.h"
#include "services/gateway/fhir/practitioner.h"
#include "services/gateway/fhir/proof.h"
#include "services/gateway/fhir/questionnaire.h"
#include "services/gateway/fhir/risk_assessment.h"
#include "services/gateway/fhir/slot.h"
#include "services/gateway/fhir/task.h"
#include "services/gateway/fhir/testing/fhir_fixture.h"
#include "services/gateway/fhir/times.h"

namespace lumbar::gateway::fhir {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class FhirResourcesTest : public FhirTest {
 protected:
  booking::v1::Clinician Maya() const {
    booking::v1::Clinician clinician;
    clinician.set_name("clinicians/maya-chen");
    clinician.set_display_name("Maya Chen, DO");
    clinician.set_etag("v3");
    clinician.set_min_age_years(18);
    const auto license = [&](const char* state, booking::v1::LicenceStatus status, absl::Duration until) {
      auto& licence = *clinician.add_licences();
      licence.set_state(state);
      licence.set_type("DO");
      licence.set_status(status);
      *licence.mutable_valid_from() = ToProtoTime(clock_.Now() - absl::Hours(48));
      *licence.mutable_valid_to() = ToProtoTime(clock_.Now() + until);
    };
    license("NV", booking::v1::LICENCE_STATUS_SUSPENDED, absl::Hours(48));
    license("WA", booking::v1::LICENCE_STATUS_ACTIVE, absl::Hours(-1));
    license("CA", booking::v1::LICENCE_STATUS_ACTIVE, absl::Hours(48));
    return clinician;
  }
  void Script(const booking::v1::Clinician& clinician) {
    booking::v1::GetClinicianResponse response;
    *response.mutable_clinician() = clinician;
    upstream_.Answer(kGetClinician, response);
  }
};

TEST_F(FhirResourcesTest, ReadsDatesAndTimesAndNothingThatOnlyLooksLikeThem) {
  const auto day = ReadDateTime("2026-11-28", "x");
  ASSERT_THAT(day, IsOk());
  EXPECT_EQ(day->last - day->first, absl::Hours(24) - absl::Microseconds(1));
  const auto moment = ReadDateTime("2026-11-28T09:00:00.5-05:00", "x");
  ASSERT_THAT(moment, IsOk());
  EXPECT_EQ(Instant(ToProtoTime(moment->first)), "2026-11-28T14:00:00.5Z");
  for (const char* wrong : {"infinite-future", "2026-11-28T09:00:00", "2026-13-01", "2026-11-28 09:00:00Z", "26-11-28",
                            "", "2026-11", "2026-11-28T09:00:00Z and more"}) {
    EXPECT_THAT(ReadDateTime(wrong, "x"), StatusIs(absl::StatusCode::kInvalidArgument)) << wrong;
  }
}

TEST_F(FhirResourcesTest, KnowsAProposalByItsIdAndNoOther) {
  const auto slot = SlotAt(absl::Hours(4));
  const std::string id = ProposalId(absl::StrCat("consults/", kConsultId), slot);
  const auto read = ReadProposalId(id);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->consult, absl::StrCat("consults/", kConsultId));
  EXPECT_EQ(read->start, clock_.Now() + absl::Hours(4));
  EXPECT_EQ(read->slot_id, SlotId(slot));
  EXPECT_NE(SlotId(slot), SlotId(SlotAt(absl::Hours(4), "clinicians/other")));
  for (const std::string& wrong : {std::string("a.b.c"), id + "0", id.substr(1), std::string(kVisitId),
                                   absl::StrCat(kConsultId, ".zzzzzzzzz.0123456789abcdef"), std::string("..")}) {
    EXPECT_FALSE(ReadProposalId(wrong).has_value()) << wrong;
  }
}

TEST_F(FhirResourcesTest, FindsWhatIsFreeOfAClinicianWhereLicensedNow) {
  Script(Maya());
  booking::v1::SearchSlotsResponse free;
  *free.add_slots() = SlotAt(absl::Hours(4));
  upstream_.Answer(kSearchSlots, free);
  const Json bundle = Json::parse(
      Get("Slot?schedule.actor=Practitioner/maya-chen&start=ge2026-12-01&start=lt2026-12-02&status=free").body());
  const Json slot = bundle["entry"][0]["resource"];
  EXPECT_EQ(slot["schedule"]["reference"], "Schedule/maya-chen");
  EXPECT_EQ(slot["status"], "free");
  EXPECT_EQ(slot["id"], SlotId(SlotAt(absl::Hours(4))));
  const auto asked = upstream_.Asked<booking::v1::SearchSlotsRequest>(1);
  EXPECT_EQ(asked.patient_state(), "CA");
  EXPECT_EQ(asked.patient_age_years(), 18u);
  EXPECT_EQ(Instant(asked.start_time()), "2026-12-01T00:00:00Z");
  EXPECT_EQ(Instant(asked.end_time()), "2026-12-01T23:59:59.999999Z");
}

TEST_F(FhirResourcesTest, FindsNoSlotsWithoutALicenceOrOfAnotherStatus) {
  Script(Maya());
  EXPECT_EQ(Json::parse(Get("Slot?schedule=Schedule/maya-chen&status=busy").body()).count("entry"), 0u);
  auto clinician = Maya();
  clinician.mutable_licences()->RemoveLast();
  Script(clinician);
  EXPECT_EQ(Json::parse(Get("Slot?schedule=Schedule/maya-chen").body()).count("entry"), 0u);
  EXPECT_THAT(upstream_.methods(), ElementsAre("GetClinician", "GetClinician"));
}

TEST_F(FhirResourcesTest, ShowsAClinicianAsPractitionerAndSchedule) {
  auto maya = Maya();
  maya.add_visit_types()->set_code("virtual-back-pain");
  maya.add_language_codes("es");
  const Json practitioner = Practitioner(maya);
  EXPECT_EQ(practitioner["name"][0]["text"], "Maya Chen, DO");
  EXPECT_EQ(practitioner["qualification"].size(), 2u) << "suspended ones are none";
  EXPECT_EQ(practitioner["communication"][0]["coding"][0]["code"], "es");
  EXPECT_EQ(practitioner.count("telecom"), 0u);
  const Json schedule = Schedule(maya);
  EXPECT_EQ(schedule["actor"][0]["reference"], "Practitioner/maya-chen");
  EXPECT_EQ(schedule["serviceType"][0]["coding"][0]["code"], "virtual-back-pain");
}

TEST_F(FhirResourcesTest, KnowsWithoutAskingThatNothingHasAnIdOfAnotherForm) {
  for (const char* type : {"Practitioner", "Schedule", "Questionnaire", "QuestionnaireResponse", "RiskAssessment",
                           "Task", "Appointment"}) {
    EXPECT_EQ(IssueIn(Get(absl::StrCat(type, "/Maya_Chen"))), "RESOURCE_NOT_FOUND not-found") << type;
    EXPECT_EQ(IssueIn(Get(absl::StrCat(type, "/", std::string(64, 'a')))), "RESOURCE_NOT_FOUND not-found") << type;
  }
  EXPECT_THAT(upstream_.calls(), IsEmpty());
}

TEST_F(FhirResourcesTest, ReadsTheAnswersThatItWrites) {
  auto consult = SoreBack();
  auto& told = *consult.mutable_presentation();
  told.set_age_years(34);
  told.set_duration_days(5);
  told.set_sex(triage::v1::SEX_FEMALE);
  const auto add = [&](const char* code, triage::v1::Presence presence) {
    told.add_findings()->set_code(code);
    told.mutable_findings()->rbegin()->set_presence(presence);
  };
  add("saddle_numbness", triage::v1::PRESENCE_ABSENT);
  add("pain_on_every_run", triage::v1::PRESENCE_PRESENT);
  FhirRequest request;
  request.base = kFhirBase;
  const Json response = QuestionnaireResponse(request, consult);
  const auto read = ReadPresentation(Element(response, "QuestionnaireResponse"));
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(read->DebugString(), told.DebugString());
}

TEST_F(FhirResourcesTest, TakesAnswersInGroupsAndWhomToTell) {
  const Json item = {
      {"linkId", "group"},
      {"item",
       Json::array({Json{{"linkId", "saddle_numbness"}, {"answer", Json::array({Json{{"valueBoolean", true}}})}}})}};
  const Json extension = {{"url", "http://hl7.org/fhir/StructureDefinition/timezone"},
                          {"valueCode", "America/New_York"}};
  const Json patient = {{"resourceType", "Patient"},
                        {"name", Json::array({Json{{"given", Json::array({"Alex"})}, {"family", "Rivera"}}})},
                        {"telecom", Json::array({Json{{"system", "phone"}, {"value", "+12025550123"}},
                                                 Json{{"system", "email"}, {"value", "a@example.com"}}})},
                        {"birthDate", "1992-12-02"},
                        {"extension", Json::array({extension})},
                        {"address", Json::array({Json{{"state", "NY"}}})}};
  const Json response = {{"resourceType", "QuestionnaireResponse"},
                         {"status", "completed"},
                         {"subject", {{"reference", "Patient/alex"}}},
                         {"contained", Json::array({patient})},
                         {"item", Json::array({item})}};
  upstream_.Answer(kRequestConsult, [this] {
    consult::v1::RequestConsultResponse made;
    *made.mutable_consult() = SoreBack();
    return made;
  }());
  HttpRequest request = Request(http::verb::post, "QuestionnaireResponse", response.dump());
  request.set("Idempotency-Key", "visit 7");
  const HttpAnswer answer = Ask(request);
  EXPECT_EQ(answer.result_int(), 201u);
  EXPECT_EQ(answer[http::field::location], absl::StrCat(kFhirBase, "/QuestionnaireResponse/", kConsultId));
  Ask(request);
  const auto asked = upstream_.Asked<consult::v1::RequestConsultRequest>(0);
  EXPECT_EQ(asked.request_id(), upstream_.Asked<consult::v1::RequestConsultRequest>(1).request_id());
  EXPECT_EQ(asked.patient(), "patients/alex");
  EXPECT_EQ(asked.contact().display_name(), "Alex Rivera");
  EXPECT_EQ(asked.contact().email(), "a@example.com");
  EXPECT_EQ(asked.contact().phone_number(), "+12025550123");
  EXPECT_EQ(asked.contact().state(), "NY");
  EXPECT_EQ(asked.contact().time_zone(), "America/New_York");
  EXPECT_EQ(asked.contact().age_years(), 33u) << "the birthday is to come";
  ASSERT_EQ(asked.presentation().findings_size(), 1);
  EXPECT_EQ(asked.presentation().findings(0).presence(), triage::v1::PRESENCE_PRESENT);
}

TEST_F(FhirResourcesTest, RefusesAMisspeltPartOfWhomToTell) {
  const Json patient = {{"resourceType", "Patient"}, {"birthdate", "2010-12-02"}};
  const Json response = {{"resourceType", "QuestionnaireResponse"},
                         {"status", "completed"},
                         {"subject", {{"reference", "Patient/alex"}}},
                         {"contained", Json::array({patient})}};
  EXPECT_EQ(IssueIn(Post("QuestionnaireResponse", response)),
            "INVALID_FIELD invalid QuestionnaireResponse.contained[0].birthdate");
  EXPECT_THAT(upstream_.calls(), IsEmpty());
}

TEST_F(FhirResourcesTest, RefusesAnswersOfAnotherKindThanTheirQuestion) {
  const auto issue = [&](const Json& item, const char* status = "completed") {
    const Json response = {
        {"resourceType", "QuestionnaireResponse"}, {"status", status}, {"item", Json::array({item})}};
    return IssueIn(Post("QuestionnaireResponse", response));
  };
  const auto answered = [](const char* link_id, const Json& answer) {
    return Json{{"linkId", link_id}, {"answer", Json::array({answer})}};
  };
  constexpr absl::string_view kAnswer = "INVALID_FIELD invalid QuestionnaireResponse.item[0].answer[0].";
  EXPECT_EQ(issue(answered("age_years", {{"valueInteger", -1}})), absl::StrCat(kAnswer, "valueInteger"));
  EXPECT_EQ(issue(answered("age_years", {{"valueInteger", 3.5}})), absl::StrCat(kAnswer, "valueInteger"));
  EXPECT_EQ(issue(answered("saddle_numbness", {{"valueString", "yes"}})), absl::StrCat(kAnswer, "valueBoolean"));
  EXPECT_EQ(issue(answered("sex", {{"valueCoding", {{"code", "x"}}}})), absl::StrCat(kAnswer, "valueCoding"));
  EXPECT_EQ(issue(answered("sex", {{"valueCoding", {{"code", "male"}}}}), "in-progress"),
            "INVALID_FIELD invalid QuestionnaireResponse.status");
  EXPECT_EQ(issue(Json("text")), "INVALID_FIELD invalid QuestionnaireResponse.item[0].linkId");
  for (const auto& [link_id, answer] : {std::pair<const char*, Json>{"age_years", {{"valueInteger", 40}}},
                                        {"duration_days", {{"valueInteger", 90}}},
                                        {"pain_severity", {{"valueInteger", 10}}},
                                        {"sex", {{"valueCoding", {{"code", "male"}}}}}}) {
    const Json twice = Json::array({answered(link_id, answer), answered(link_id, answer)});
    EXPECT_EQ(issue({{"linkId", "group"}, {"item", twice}}),
              "INVALID_FIELD invalid QuestionnaireResponse.item[0].item[1].answer[0]")
        << link_id;
  }
  EXPECT_THAT(upstream_.calls(), IsEmpty());
}

TEST_F(FhirResourcesTest, LosesNoAnswerThatIsMisspelt) {
  const auto issue = [&](const char* name, const Json& value, const Json& item, const Json& answer) {
    Json told = {{"linkId", "saddle_numbness"}, {"answer", Json::array({Json{{"valueBoolean", true}}})}};
    told.update(item);
    told["answer"][0].update(answer);
    const Json response = {{"resourceType", "QuestionnaireResponse"},
                           {"status", "completed"},
                           {"item", Json::array({told})},
                           {name, value}};
    return IssueIn(Post("QuestionnaireResponse", response));
  };
  const std::string wrong = "INVALID_FIELD invalid QuestionnaireResponse.";
  const Json none = Json::object();
  EXPECT_EQ(issue("items", Json::array(), none, none), wrong + "items");
  EXPECT_EQ(issue("modifierExtension", Json::array(), none, none), wrong + "modifierExtension");
  EXPECT_EQ(issue("text", none, {{"answr", 1}}, none), wrong + "item[0].answr");
  EXPECT_EQ(issue("text", none, none, {{"valeuBoolean", true}}), wrong + "item[0].answer[0].valeuBoolean");
  EXPECT_EQ(issue("_status", none, {{"_text", none}}, {{"id", "a"}}), wrong + "contained") << "all of that may be";
  EXPECT_THAT(upstream_.calls(), IsEmpty());
}

TEST_F(FhirResourcesTest, ReadsAnswersBelowAnAnswer) {
  const Json below = {{"linkId", "saddle_numbness"}, {"answer", Json::array({Json{{"valueBoolean", true}}})}};
  const Json answer = {{"valueInteger", 41u}, {"item", Json::array({below})}};
  const Json item = {{"linkId", "age_years"}, {"answer", Json::array({answer})}};
  const Json response = {
      {"resourceType", "QuestionnaireResponse"}, {"status", "completed"}, {"item", Json::array({item})}};
  ASSERT_OK_AND_ASSIGN(const auto read, ReadPresentation(Element(response, "QuestionnaireResponse")));
  ASSERT_EQ(read.findings_size(), 1);
  EXPECT_EQ(read.findings(0).presence(), triage::v1::PRESENCE_PRESENT);
}

TEST_F(FhirResourcesTest, NamesTheRuleSetAndItsVersionOfARisk) {
  auto consult = SoreBack();
  auto& assessment = *consult.mutable_assessment();
  assessment.set_protocol("protocols/low-back-pain");
  assessment.set_rule_set("guideline");
  assessment.set_protocol_version("2026-11-23");
  assessment.add_fired_rules()->set_note("one");
  assessment.add_fired_rules()->set_note("two");
  const Json risk = RiskAssessment(consult);
  EXPECT_EQ(risk["status"], "final");
  EXPECT_EQ(risk["method"]["coding"][0]["code"], "guideline");
  EXPECT_EQ(risk["method"]["coding"][0]["version"], "2026-11-23");
  EXPECT_EQ(risk["prediction"][0]["qualitativeRisk"]["coding"][0]["code"], "CONSULTATION");
  EXPECT_EQ(risk["prediction"][0]["rationale"], "one; two");
  consult.clear_assessment();
  EXPECT_EQ(RiskAssessment(consult)["status"], "registered") << "not knowing is no risk of any level";
  EXPECT_EQ(RiskAssessment(consult).count("prediction"), 0u);
}

TEST_F(FhirResourcesTest, HasAWordForEachStateOfAConsult) {
  auto consult = SoreBack();
  const auto* states = consult::v1::ConsultState_descriptor();
  for (int i = 1; i < states->value_count(); ++i) {
    consult.set_state(static_cast<consult::v1::ConsultState>(states->value(i)->number()));
    EXPECT_NE(Task(consult)["status"], "entered-in-error") << states->value(i)->name();
  }
  consult.clear_assessment();
  EXPECT_EQ(Task(consult)["priority"], "urgent") << "not knowing the danger isn't routine";
  consult.set_handler("staff/17");
  EXPECT_EQ(Task(consult)["owner"]["identifier"]["value"], "staff/17");
  consult.set_handler("clinicians/maya-chen");
  EXPECT_EQ(Task(consult)["owner"]["reference"], "Practitioner/maya-chen");
}

TEST_F(FhirResourcesTest, HasATaskChangeNoEarlierThanItWasMade) {
  auto consult = SoreBack();
  *consult.mutable_create_time() = ToProtoTime(clock_.Now());
  EXPECT_EQ(Task(consult)["lastModified"], "2026-12-01T12:00:00Z");
  *consult.mutable_update_time() = ToProtoTime(clock_.Now() + absl::Seconds(1));
  EXPECT_EQ(Task(consult)["lastModified"], "2026-12-01T12:00:01Z");
  EXPECT_EQ(Task(consult)["meta"]["lastUpdated"], "2026-12-01T12:00:01Z");
}

TEST_F(FhirResourcesTest, ListsTasksByViewStatusAndUrgency) {
  upstream_.Answer(kListConsults, consult::v1::ListConsultsResponse());
  Get("Task?owner:missing=true&_sort=-priority");
  Get("Task?owner=Practitioner/maya-chen&status=in-progress,accepted&_count=5");
  Get("Task?business-status=urn:lumbar:consult-state%7CESCALATED");
  HttpRequest form = Request(http::verb::post, "Task/_search", "patient=Patient%2Falex");
  form.set(http::field::content_type, "application/x-www-form-urlencoded");
  const Json bundle = Json::parse(Ask(form).body());
  EXPECT_EQ(bundle["link"][0]["url"], absl::StrCat(kFhirBase, "/Task/_search")) << "without the patient";
  const auto asked = [&](size_t index) { return upstream_.Asked<consult::v1::ListConsultsRequest>(index); };
  EXPECT_EQ(asked(0).view(), consult::v1::CONSULT_VIEW_STAFF_QUEUE);
  EXPECT_EQ(asked(0).order(), consult::v1::CONSULT_ORDER_URGENCY);
  EXPECT_EQ(asked(1).view(), consult::v1::CONSULT_VIEW_WORKLIST);
  EXPECT_EQ(asked(1).clinician(), "clinicians/maya-chen");
  EXPECT_THAT(asked(1).states(), ElementsAre(consult::v1::CONSULT_STATE_HELD, consult::v1::CONSULT_STATE_IN_VISIT,
                                             consult::v1::CONSULT_STATE_BOOKED));
  EXPECT_EQ(asked(1).page_size(), 5);
  EXPECT_THAT(asked(2).states(), ElementsAre(consult::v1::CONSULT_STATE_ESCALATED));
  EXPECT_EQ(asked(3).patient(), "patients/alex");
  EXPECT_EQ(IssueIn(Get("Task?status=draft")), "INVALID_FIELD invalid http.status");
}

}  // namespace
}  // namespace lumbar::gateway::fhir
