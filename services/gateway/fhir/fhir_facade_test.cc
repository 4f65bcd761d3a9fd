#include "services/gateway/fhir/fhir_facade.h"

#include <absl/strings/str_join.h>
#include <absl/strings/str_split.h>

#include <set>

#include "common/status/errors.h"
#include "services/gateway/fhir/testing/fhir_fixture.h"

namespace lumbar::gateway::fhir {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;

class FhirFacadeTest : public FhirTest {};

TEST_F(FhirFacadeTest, SaysOfItselfWhatItRoutesAndNothingElse) {
  const HttpAnswer answer = Get("metadata");
  EXPECT_EQ(answer.result_int(), 200u);
  EXPECT_EQ(answer[http::field::content_type], "application/fhir+json; charset=utf-8");
  std::set<std::string> said;
  const Json statement = Json::parse(answer.body());
  for (const Json& resource : statement["rest"][0]["resource"]) {
    const std::string type = resource["type"];
    for (const Json& interaction : resource["interaction"]) said.insert(type + " " + std::string(interaction["code"]));
    if (!resource.contains("operation")) continue;
    for (const Json& operation : resource["operation"]) said.insert(type + " $" + std::string(operation["name"]));
  }
  std::set<std::string> routed;
  for (const Interaction& one : Interactions()) {
    if (*one.resource != '\0') routed.insert(absl::StrCat(one.resource, " ", one.code));
  }
  EXPECT_EQ(said, routed);
  EXPECT_THAT(upstream_.calls(), IsEmpty());
}

TEST_F(FhirFacadeTest, CallsNothingThatTheContractsDoNotHave) {
  const auto* pool = google::protobuf::DescriptorPool::generated_pool();
  for (const Interaction& one : Interactions()) {
    if (*one.method == '\0') continue;
    const std::string name = absl::StrJoin(absl::StrSplit(one.method, '/', absl::SkipEmpty()), ".");
    EXPECT_NE(pool->FindMethodByName(name), nullptr) << name;
  }
}

TEST_F(FhirFacadeTest, RefusesInFhirsWords) {
  EXPECT_EQ(IssueIn(Get("Patient/alex")), "ROUTE_NOT_FOUND not-found");
  const HttpAnswer wrong = Ask(Request(http::verb::delete_, "Appointment/1"));
  EXPECT_EQ(wrong.result_int(), 405u);
  EXPECT_EQ(wrong[http::field::allow], "GET, PUT");
  EXPECT_EQ(wrong[http::field::content_type], "application/fhir+json; charset=utf-8");
  EXPECT_EQ(IssueIn(wrong), "METHOD_NOT_ALLOWED not-supported");
  for (const char* body : {"{", R"({"a":1,"a":2})", ""}) {
    const HttpAnswer answer = Ask(Request(http::verb::post, "Appointment/$hold", body));
    EXPECT_GE(answer.result_int(), 400u) << body;
  }
  EXPECT_EQ(IssueIn(Ask(Request(http::verb::post, "Appointment/$hold", "{"))), "MALFORMED_JSON structure");
  EXPECT_THAT(upstream_.calls(), IsEmpty());
}

TEST_F(FhirFacadeTest, RefusesObjectsWithMoreMembersThanAnyResourceHas) {
  std::string members;
  for (int i = 0; i < 65; ++i) absl::StrAppend(&members, i == 0 ? "" : ",", "\"", i, "\":0");
  const std::string wide = absl::StrCat("{", members, "}");
  for (const std::string& body : {wide, absl::StrCat("{\"parameter\":[{\"a\":", wide, "}]}")}) {
    EXPECT_EQ(IssueIn(Ask(Request(http::verb::post, "Appointment/$hold", body))), "MALFORMED_JSON structure");
  }
}

TEST_F(FhirFacadeTest, TakesAndGivesJsonAlone) {
  HttpRequest request = Request(http::verb::get, "metadata");
  for (const char* accept : {"application/fhir+xml", "text/html"}) {
    request.set(http::field::accept, accept);
    EXPECT_EQ(Ask(request).result_int(), 406u) << accept;
  }
  for (const char* accept :
       {"application/json", "application/fhir+json;fhirVersion=4.0", "text/html, */*;q=0.1", "*/*"}) {
    request.set(http::field::accept, accept);
    EXPECT_EQ(Ask(request).result_int(), 200u) << accept;
  }
  EXPECT_EQ(Get("metadata?_format=json").result_int(), 200u);
  EXPECT_EQ(Get("metadata?_format=xml").result_int(), 406u);
  HttpRequest sent = Request(http::verb::post, "QuestionnaireResponse", "{}");
  sent.set(http::field::content_type, "application/xml");
  EXPECT_EQ(Ask(sent).result_int(), 415u);
}

TEST_F(FhirFacadeTest, RefusesParametersThatItDoesNotHaveOrThatNoUrlMayHave) {
  EXPECT_EQ(IssueIn(Get("Appointment?colour=SECRET")), "INVALID_FIELD invalid http.colour");
  EXPECT_EQ(IssueIn(Get("Appointment?%22SECRET%22=1")), "INVALID_FIELD invalid http.?");
  EXPECT_EQ(IssueIn(Get("Appointment?patient=Patient/SECRET")), "INVALID_FIELD invalid http.patient");
  EXPECT_EQ(IssueIn(Get("Appointment?_count=0")), "INVALID_FIELD invalid http._count");
  EXPECT_THAT(upstream_.calls(), IsEmpty());
  EXPECT_THAT(log_.str(), AllOf(Not(HasSubstr("SECRET")), HasSubstr(R"("route":"/fhir/R4/Appointment")"),
                                HasSubstr(R"("protocol":"fhir")")));
}

TEST_F(FhirFacadeTest, AsksAsWhoeverAsks) {
  upstream_.Answer("/lumbar.booking.v1.ClinicianService/GetClinician",
                   WithReason(absl::UnauthenticatedError("no token"), "TOKEN_MISSING"));
  const HttpAnswer answer = Get("Practitioner/maya-chen");
  EXPECT_EQ(answer.result_int(), 401u);
  EXPECT_EQ(answer[http::field::www_authenticate], "Bearer");
  EXPECT_EQ(IssueIn(answer), "TOKEN_MISSING login");
  ASSERT_EQ(upstream_.calls().size(), 1u);
  EXPECT_THAT(upstream_.calls()[0].metadata, Contains(Pair("authorization", "Bearer t")));
  EXPECT_THAT(upstream_.calls()[0].metadata, Contains(Pair("traceparent", ::testing::_)));
}

TEST_F(FhirFacadeTest, NamesTheFieldAsTheClientKnowsItOrNotAtAll) {
  upstream_.Answer(
      "/lumbar.consult.v1.ConsultService/RequestConsult",
      WithViolation(InvalidField("contact.state", "isn't a state"), "presentation.findings[2].code", "bad"));
  const Json answers = {{"resourceType", "QuestionnaireResponse"},
                        {"status", "completed"},
                        {"contained", Json::array({Json{{"resourceType", "Patient"}, {"id", "me"}}})}};
  const Json issues = Json::parse(Post("QuestionnaireResponse", answers).body())["issue"];
  ASSERT_EQ(issues.size(), 2u);
  EXPECT_EQ(issues[0]["expression"][0], "QuestionnaireResponse.contained.address.state");
  EXPECT_EQ(issues[0]["details"]["text"], "isn't a state");
  EXPECT_EQ(issues[1]["expression"][0], "QuestionnaireResponse.item");
  upstream_.Answer("/lumbar.consult.v1.ConsultService/RequestConsult",
                   InvalidField("presentation.pain_severity", "must be at most 10"));
  EXPECT_EQ(IssueIn(Post("QuestionnaireResponse", answers)),
            "INVALID_FIELD invalid QuestionnaireResponse.item.where(linkId='pain_severity')");
  upstream_.Answer("/lumbar.consult.v1.ConsultService/RequestConsult", InvalidField("unheard_of", "is wrong"));
  EXPECT_EQ(IssueIn(Post("QuestionnaireResponse", answers)), "INVALID_FIELD invalid");
}

TEST_F(FhirFacadeTest, TellsWhenToComeAgain) {
  upstream_.Answer("/lumbar.consult.v1.ConsultService/ListConsults",
                   WithRetryDelay(WithReason(absl::ResourceExhaustedError("busy"), "TOO_BUSY"), absl::Seconds(3)));
  const HttpAnswer answer = Get("Task");
  EXPECT_EQ(answer.result_int(), 503u);
  EXPECT_EQ(answer[http::field::retry_after], "3");
}

TEST_F(FhirFacadeTest, LinksToItselfAsClientsKnowIt) {
  upstream_.Answer("/lumbar.booking.v1.ClinicianService/ListClinicians", [] {
    booking::v1::ListCliniciansResponse response;
    response.add_clinicians()->set_name("clinicians/maya-chen");
    response.set_next_page_token("a+b&c");
    return response;
  }());
  const Json bundle = Json::parse(Get("Practitioner?_count=1").body());
  EXPECT_EQ(bundle["link"][0]["url"], absl::StrCat(kFhirBase, "/Practitioner?_count=1"));
  EXPECT_EQ(bundle["link"][1]["url"], absl::StrCat(kFhirBase, "/Practitioner?_count=1&_page=a%2bb%26c"));
  EXPECT_EQ(bundle["entry"][0]["fullUrl"], absl::StrCat(kFhirBase, "/Practitioner/maya-chen"));
  Get("Practitioner?_count=1&_page=a%2bb%26c");
  EXPECT_EQ(upstream_.Asked<booking::v1::ListCliniciansRequest>(1).page_token(), "a+b&c");
  EXPECT_EQ(upstream_.Asked<booking::v1::ListCliniciansRequest>(1).page_size(), 1);
  EXPECT_THAT(FhirFacade::Create({"https://care.example"}, Limits(), clock_, clock_),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(FhirFacadeTest, LinksOfASearchByPostAreFollowedByGetButForPatientData) {
  booking::v1::ListAppointmentsResponse response;
  response.set_next_page_token("more");
  upstream_.Answer("/lumbar.booking.v1.BookingService/ListAppointments", response);
  const auto next_of = [&](const std::string& form) {
    HttpRequest request = Request(http::verb::post, "Appointment/_search", form);
    request.set(http::field::content_type, "application/x-www-form-urlencoded");
    return Json::parse(Ask(request).body())["link"][1]["url"].get<std::string>();
  };
  const std::string next = next_of("practitioner=maya-chen&_count=1");
  EXPECT_EQ(next, absl::StrCat(kFhirBase, "/Appointment?practitioner=maya-chen&_count=1&_page=more"));
  Get(next.substr(absl::string_view(kFhirBase).size() + 1));
  const auto asked = upstream_.Asked<booking::v1::ListAppointmentsRequest>(1);
  EXPECT_EQ(asked.clinician(), "clinicians/maya-chen");
  EXPECT_EQ(asked.page_token(), "more");
  EXPECT_EQ(next_of("patient=alex"), absl::StrCat(kFhirBase, "/Appointment/_search?_page=more")) << "POSTed to";
}

// A clinician who is licensed.
booking::v1::GetClinicianResponse Licensed() {
  booking::v1::GetClinicianResponse response;
  auto& licence = *response.mutable_clinician()->add_licences();
  licence.set_state("CA");
  licence.set_status(booking::v1::LICENCE_STATUS_ACTIVE);
  licence.mutable_valid_to()->set_seconds(4102444800);
  return response;
}

TEST_F(FhirFacadeTest, GivesUpTheCallThatIsUnderWay) {
  upstream_.Answer("/lumbar.booking.v1.ClinicianService/GetClinician", Licensed());
  upstream_.Hold();
  int answers = 0;
  const GiveUp give_up = handler_.Handle(Request(http::verb::get, "Slot?schedule=Schedule/maya-chen"), Visitor(),
                                         [&](const HttpAnswer&, const std::shared_ptr<BodySource>&) { ++answers; });
  ASSERT_NE(give_up, nullptr);
  upstream_.Release();
  EXPECT_THAT(upstream_.methods(), ElementsAre("GetClinician", "SearchSlots"));
  EXPECT_EQ(answers, 0);
  give_up();
  EXPECT_EQ(answers, 1);
  upstream_.Release();
  EXPECT_EQ(answers, 1);
}

TEST_F(FhirFacadeTest, MakesNoFurtherCallOnceItsClientIsGone) {
  upstream_.Answer("/lumbar.booking.v1.ClinicianService/GetClinician", Licensed());
  upstream_.Hold(/*is_stubborn=*/true);
  int answers = 0;
  const GiveUp give_up = handler_.Handle(Request(http::verb::get, "Slot?schedule=Schedule/maya-chen"), Visitor(),
                                         [&](const HttpAnswer&, const std::shared_ptr<BodySource>&) { ++answers; });
  give_up();
  EXPECT_EQ(answers, 0);
  upstream_.Release();
  EXPECT_EQ(answers, 1);
  EXPECT_THAT(upstream_.methods(), ElementsAre("GetClinician"));
}

TEST_F(FhirFacadeTest, GivesAllCallsTheTimeOfOne) {
  upstream_.Answer("/lumbar.consult.v1.ConsultService/GetConsult", [this] {
    consult::v1::GetConsultResponse response;
    *response.mutable_consult() = SoreBack();
    return response;
  }());
  upstream_.Hold();
  HttpRequest request =
      Request(http::verb::get, absl::StrCat("Appointment/$find?risk-assessment=RiskAssessment/", kConsultId));
  request.set("X-Request-Timeout", "5");
  HttpAnswer answer;
  handler_.Handle(request, Visitor(),
                  [&](HttpAnswer given, const std::shared_ptr<BodySource>&) { answer = std::move(given); });
  clock_.Advance(absl::Seconds(2));
  upstream_.Release();
  ASSERT_EQ(upstream_.calls().size(), 2u);
  EXPECT_EQ(upstream_.calls()[0].time_left, absl::Seconds(5));
  EXPECT_EQ(upstream_.calls()[1].time_left, absl::Seconds(3));
  upstream_.Release();
}

}  // namespace
}  // namespace lumbar::gateway::fhir
