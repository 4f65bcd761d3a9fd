#include "services/gateway/fhir/scheduling.h"

#include "common/status/errors.h"
#include "lumbar/booking/v1/booking_service.pb.h"
#include "lumbar/triage/v1/triage_service.pb.h"
#include "services/gateway/fhir/appointment.h"
#include "services/gateway/fhir/names.h"
#include "services/gateway/fhir/proof.h"
#include "services/gateway/fhir/slot.h"
#include "services/gateway/fhir/testing/fhir_fixture.h"

namespace lumbar::gateway::fhir {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class FhirSchedulingTest : public FhirTest {
 protected:
  FhirSchedulingTest() {
    Offer(SoreBack());
    booking::v1::SearchSlotsResponse free;
    *free.add_slots() = SlotAt(absl::Hours(4), "clinicians/sam-ode");
    *free.add_slots() = slot_;
    upstream_.Answer(kSearchSlots, free);
    triage::v1::AssessResponse assessed;
    assessed.mutable_assessment()->set_signed_assessment("proof");
    upstream_.Answer(kAssess, assessed);
    booking::v1::CreateHoldResponse held;
    held.mutable_hold()->set_name(absl::StrCat("holds/", kVisitId));
    held.mutable_hold()->set_patient("patients/alex");
    *held.mutable_hold()->mutable_slot() = slot_;
    held.mutable_hold()->set_state(booking::v1::HOLD_STATE_ACTIVE);
    upstream_.Answer(kCreateHold, held);
    booking::v1::ConfirmHoldResponse booked;
    *booked.mutable_appointment() = Booked();
    upstream_.Answer(kConfirmHold, booked);
  }

  void Offer(const consult::v1::Consult& consult) {
    consult::v1::GetConsultResponse response;
    *response.mutable_consult() = consult;
    upstream_.Answer(kGetConsult, response);
  }

  booking::v1::Appointment Booked() const {
    booking::v1::Appointment appointment;
    appointment.set_name(absl::StrCat("appointments/", kVisitId));
    appointment.set_patient("patients/alex");
    *appointment.mutable_slot() = slot_;
    appointment.set_state(booking::v1::APPOINTMENT_STATE_BOOKED);
    appointment.set_etag("v1");
    return appointment;
  }

  static Json ByReference(const std::string& id) {
    const Json reference = {{"name", "appointment-reference"},
                            {"valueReference", {{"reference", "Appointment/" + id}}}};
    return {{"resourceType", "Parameters"}, {"parameter", Json::array({reference})}};
  }
  static Json ByResource(const Json& appointment, const char* name = "appointment") {
    return {{"resourceType", "Parameters"},
            {"parameter", Json::array({Json{{"name", name}, {"resource", appointment}}})}};
  }
  static Json FirstOf(const HttpAnswer& answer) {
    EXPECT_EQ(answer.result_int(), 200u) << answer.body();
    return Json::parse(answer.body())["entry"][0]["resource"];
  }

  const booking::v1::Slot slot_ = SlotAt(absl::Hours(4));
  const std::string find_ = absl::StrCat("Appointment/$find?risk-assessment=RiskAssessment/", kConsultId);
};

TEST_F(FhirSchedulingTest, ProposesTimesForThePatientOfAConsultBeforeItsActByTime) {
  const Json bundle = Json::parse(Get(find_ + "&practitioner=Practitioner/maya-chen&_count=2").body());
  ASSERT_EQ(bundle["entry"].size(), 2u);
  const Json proposed = bundle["entry"][1]["resource"];
  EXPECT_EQ(proposed["status"], "proposed");
  EXPECT_LE(proposed["id"].get<std::string>().size(), 64u);
  EXPECT_EQ(proposed["slot"][0]["reference"], "Slot/" + SlotId(slot_));
  const auto asked = upstream_.Asked<booking::v1::SearchSlotsRequest>(1);
  EXPECT_EQ(asked.patient_state(), "CA");
  EXPECT_EQ(asked.patient_age_years(), 34u);
  EXPECT_EQ(asked.clinician(), "clinicians/maya-chen");
  EXPECT_EQ(asked.page_size(), 2);
  EXPECT_EQ(FromProto(asked.end_time()), clock_.Now() + absl::Hours(48));
}

TEST_F(FhirSchedulingTest, LinksToTheNextProposalsByAnAddressWhateverTheBody) {
  booking::v1::SearchSlotsResponse more;
  more.set_next_page_token("more");
  upstream_.Answer(kSearchSlots, more);
  const Json parameters =
      Json::array({Json{{"name", "risk-assessment"},
                        {"valueReference", {{"reference", absl::StrCat(kFhirBase, "/RiskAssessment/", kConsultId)}}}},
                   Json{{"name", "practitioner"}, {"valueReference", {{"reference", "Practitioner/maya-chen"}}}},
                   Json{{"name", "start"}, {"valueDateTime", "2026-12-01T14:00:00+01:00"}}});
  const HttpAnswer answer =
      Post("Appointment/$find?_count=2", {{"resourceType", "Parameters"}, {"parameter", parameters}});
  const std::string next = Json::parse(answer.body())["link"][1]["url"];
  Get(next.substr(absl::string_view(kFhirBase).size() + 1));
  auto asked = upstream_.Asked<booking::v1::SearchSlotsRequest>(1),
       again = upstream_.Asked<booking::v1::SearchSlotsRequest>(3);
  EXPECT_EQ(again.page_token(), "more");
  again.clear_page_token();
  EXPECT_EQ(again.SerializeAsString(), asked.SerializeAsString());
}

TEST_F(FhirSchedulingTest, ProposesNothingAfterTheActByTime) {
  const Json bundle = Json::parse(Get(find_ + "&start=2030-01-01").body());
  EXPECT_FALSE(bundle.contains("entry"));
  EXPECT_THAT(upstream_.methods(), ElementsAre("GetConsult"));
}

TEST_F(FhirSchedulingTest, HoldsByReferenceWithAProofOfTheConsultsAnswers) {
  const Json held = FirstOf(Post("Appointment/$hold", ByReference(ProposalId(SoreBack().name(), slot_))));
  EXPECT_EQ(held["id"], absl::StrCat("hold.", kVisitId));
  EXPECT_EQ(held["status"], "pending");
  EXPECT_THAT(upstream_.methods(), ElementsAre("GetConsult", "SearchSlots", "Assess", "CreateHold"));
  const auto assessed = upstream_.Asked<triage::v1::AssessRequest>(2);
  EXPECT_TRUE(assessed.sign());
  EXPECT_EQ(assessed.patient(), "patients/alex");
  EXPECT_EQ(assessed.presentation().pain_severity(), 5u);
  const auto hold = upstream_.Asked<booking::v1::CreateHoldRequest>(3);
  EXPECT_EQ(hold.signed_assessment(), "proof");
  EXPECT_EQ(hold.clinician(), "clinicians/maya-chen");
  EXPECT_EQ(FromProto(hold.start_time()), clock_.Now() + absl::Hours(4));
  EXPECT_EQ(hold.contact().display_name(), "SECRET");
  EXPECT_TRUE(hold.override_reason().empty());
  for (const auto& call : upstream_.calls()) {
    EXPECT_THAT(call.metadata, ::testing::Contains(::testing::Pair("authorization", "Bearer t")));
  }
  EXPECT_THAT(log_.str(), Not(HasSubstr("SECRET")));
}

TEST_F(FhirSchedulingTest, HoldsAnAppointmentThatSaysWhenAndWithWhom) {
  for (const char* name : {"appointment", "appointment-resource"}) {
    FirstOf(Post("Appointment/$hold", ByResource(Proposed(SoreBack(), slot_), name)));
  }
  EXPECT_THAT(upstream_.methods(),
              ElementsAre("GetConsult", "Assess", "CreateHold", "GetConsult", "Assess", "CreateHold"));
}

TEST_F(FhirSchedulingTest, SaysThatATimeIsTaken) {
  upstream_.Answer(kCreateHold, WithReason(absl::AlreadyExistsError("that time was just taken"), "SLOT_TAKEN"));
  const Json wanted = ByReference(ProposalId(SoreBack().name(), slot_));
  const HttpAnswer late = Post("Appointment/$hold", wanted);
  EXPECT_EQ(late.result_int(), 409u);
  EXPECT_EQ(IssueIn(late), "SLOT_TAKEN conflict");
  upstream_.Answer(kSearchSlots, booking::v1::SearchSlotsResponse());
  EXPECT_EQ(Post("Appointment/$hold", wanted).result_int(), 409u) << "it isn't listed any more";
}

TEST_F(FhirSchedulingTest, HoldsNothingForAnEmergencyNorAfterTheActByTimeNorForASettledConsult) {
  auto consult = SoreBack();
  consult.mutable_assessment()->set_virtual_visit_fits(false);
  Offer(consult);
  const Json wanted = ByResource(Proposed(consult, slot_));
  EXPECT_EQ(IssueIn(Get(find_)), "EMERGENCY_NOT_BOOKABLE business-rule");
  for (const char* operation : {"Appointment/$hold", "Appointment/$book"}) {
    const HttpAnswer answer = Post(operation, wanted);
    EXPECT_EQ(answer.result_int(), 422u);
    EXPECT_EQ(IssueIn(answer), "EMERGENCY_NOT_BOOKABLE business-rule");
  }
  Offer(SoreBack());
  const Json late = ByResource(Proposed(SoreBack(), SlotAt(absl::Hours(49))));
  EXPECT_EQ(IssueIn(Post("Appointment/$hold", late)), "AFTER_ACT_BY business-rule");
  consult = SoreBack();
  consult.set_state(consult::v1::CONSULT_STATE_EXPIRED);
  Offer(consult);
  EXPECT_EQ(IssueIn(Post("Appointment/$hold", wanted)), "CONSULT_SETTLED business-rule");
  EXPECT_THAT(upstream_.methods(), Each("GetConsult"));
}

TEST_F(FhirSchedulingTest, BooksWhatIsHeldUnderTheSameKeyEachTime) {
  const Json wanted = ByReference(absl::StrCat("hold.", kVisitId));
  const HttpAnswer answer = Post("Appointment/$book", wanted);
  EXPECT_EQ(FirstOf(answer)["status"], "booked");
  EXPECT_EQ(answer[http::field::etag], "W/\"v1\"");
  Post("Appointment/$book", wanted);
  EXPECT_THAT(upstream_.methods(), ElementsAre("ConfirmHold", "ConfirmHold"));
  const auto first = upstream_.Asked<booking::v1::ConfirmHoldRequest>(0);
  EXPECT_EQ(first.name(), absl::StrCat("holds/", kVisitId));
  EXPECT_EQ(first.request_id(), upstream_.Asked<booking::v1::ConfirmHoldRequest>(1).request_id());
  EXPECT_EQ(first.request_id().size(), 36u);
}

TEST_F(FhirSchedulingTest, BooksWhatIsProposedByHoldingItFirst) {
  FirstOf(Post("Appointment/$book", ByResource(Proposed(SoreBack(), slot_))));
  EXPECT_THAT(upstream_.methods(), ElementsAre("GetConsult", "Assess", "CreateHold", "ConfirmHold"));
}

TEST_F(FhirSchedulingTest, BooksWhatTheConsultOffersByTheConsult) {
  auto consult = SoreBack();
  *consult.add_offers() = slot_;
  Offer(consult);
  consult::v1::ChooseSlotResponse chosen;
  upstream_.Answer(kChooseSlot, chosen);
  HttpRequest request =
      Request(http::verb::post, "Appointment/$book", ByReference(ProposalId(consult.name(), slot_)).dump());
  request.set("Idempotency-Key", "3f2504e0-4f89-41d3-9a0c-0305e82c3301");
  const HttpAnswer waiting = Ask(request);
  EXPECT_EQ(waiting.result_int(), 503u);
  EXPECT_EQ(IssueIn(waiting), "STILL_BOOKING transient");
  chosen.mutable_consult()->set_appointment(Booked().name());
  upstream_.Answer(kChooseSlot, chosen);
  booking::v1::GetAppointmentResponse read;
  *read.mutable_appointment() = Booked();
  upstream_.Answer(kGetAppointment, read);
  EXPECT_EQ(FirstOf(Ask(request))["status"], "booked");
  EXPECT_THAT(upstream_.methods(), ElementsAre("GetConsult", "SearchSlots", "ChooseSlot", "GetConsult", "SearchSlots",
                                               "ChooseSlot", "GetAppointment"));
  const auto asked = upstream_.Asked<consult::v1::ChooseSlotRequest>(5);
  EXPECT_EQ(asked.name(), consult.name());
  EXPECT_EQ(asked.clinician(), "clinicians/maya-chen");
  EXPECT_EQ(asked.request_id(), "3f2504e0-4f89-41d3-9a0c-0305e82c3301");

  consult.clear_offers();
  consult.set_state(consult::v1::CONSULT_STATE_BOOKED);
  consult.set_appointment(Booked().name());
  *consult.mutable_chosen_slot() = slot_;
  Offer(consult);
  EXPECT_EQ(FirstOf(Ask(request))["status"], "booked") << "and says so again";
  EXPECT_EQ(upstream_.methods().back(), "GetAppointment");
  EXPECT_EQ(IssueIn(Post("Appointment/$hold", ByResource(Proposed(consult, slot_)))), "CONSULT_SETTLED business-rule");
}

TEST_F(FhirSchedulingTest, CallsOffTheVersionThatIfMatchNames) {
  auto cancelled = Booked();
  cancelled.set_state(booking::v1::APPOINTMENT_STATE_CANCELLED);
  cancelled.set_etag("v2");
  booking::v1::CancelAppointmentResponse response;
  *response.mutable_appointment() = cancelled;
  upstream_.Answer(kCancelAppointment, response);
  Json appointment = Appointment(Booked());
  appointment["status"] = "cancelled";
  HttpRequest request = Request(http::verb::put, absl::StrCat("Appointment/", kVisitId), appointment.dump());
  request.set(http::field::if_match, "W/\"v1\"");
  request.set("Idempotency-Key", "3F2504E0-4F89-41D3-9A0C-0305E82C3301");
  const HttpAnswer answer = Ask(request);
  EXPECT_EQ(answer[http::field::etag], "W/\"v2\"");
  EXPECT_EQ(Json::parse(answer.body())["status"], "cancelled");
  const auto asked = upstream_.Asked<booking::v1::CancelAppointmentRequest>(0);
  EXPECT_EQ(asked.etag(), "v1");
  EXPECT_EQ(asked.request_id(), "3f2504e0-4f89-41d3-9a0c-0305e82c3301");

  upstream_.Answer(kCancelAppointment, WithReason(absl::AbortedError("changed meanwhile"), "ETAG_MISMATCH"));
  EXPECT_EQ(Ask(request).result_int(), 412u);
  Post("Appointment/$book", ByResource(appointment));
  EXPECT_EQ(upstream_.Asked<booking::v1::CancelAppointmentRequest>(2).etag(), "v1") << "as the resource says";
  request.set(http::field::if_match, "v1");
  EXPECT_EQ(IssueIn(Ask(request)), "INVALID_FIELD invalid http.If-Match");
}

TEST_F(FhirSchedulingTest, ChangesNothingElseByAnUpdate) {
  const std::string path = absl::StrCat("Appointment/", kVisitId);
  const HttpAnswer kept = Ask(Request(http::verb::put, path, Appointment(Booked()).dump()));
  EXPECT_EQ(kept.result_int(), 422u);
  EXPECT_EQ(IssueIn(kept), "CHANGE_NOT_SUPPORTED not-supported Appointment.status");
  Json other = Appointment(Booked());
  other["id"] = "another";
  EXPECT_EQ(IssueIn(Ask(Request(http::verb::put, path, other.dump()))), "INVALID_FIELD invalid Appointment.id");
  Json modified = Appointment(Booked());
  modified["status"] = "cancelled";
  modified["modifierExtension"] = Json::array();
  EXPECT_EQ(IssueIn(Ask(Request(http::verb::put, path, modified.dump()))),
            "INVALID_FIELD invalid Appointment.modifierExtension");
  Json misspelt = Appointment(Booked());
  misspelt["status"] = "cancelled";
  misspelt["cancellationReason"] = Json::object();
  EXPECT_EQ(IssueIn(Ask(Request(http::verb::put, path, misspelt.dump()))),
            "INVALID_FIELD invalid Appointment.cancellationReason");
  EXPECT_THAT(upstream_.calls(), IsEmpty());
}

TEST_F(FhirSchedulingTest, GivesBackWhatIsHeld) {
  booking::v1::ReleaseHoldResponse response;
  response.mutable_hold()->set_name(absl::StrCat("holds/", kVisitId));
  response.mutable_hold()->set_state(booking::v1::HOLD_STATE_RELEASED);
  *response.mutable_hold()->mutable_slot() = slot_;
  upstream_.Answer(kReleaseHold, response);
  const std::string id = absl::StrCat("hold.", kVisitId);
  const Json held = {{"resourceType", "Appointment"}, {"id", id}, {"status", "cancelled"}};
  const HttpAnswer answer = Ask(Request(http::verb::put, "Appointment/" + id, held.dump()));
  EXPECT_EQ(Json::parse(answer.body())["status"], "cancelled");
  EXPECT_EQ(upstream_.Asked<booking::v1::ReleaseHoldRequest>(0).name(), absl::StrCat("holds/", kVisitId));
}

TEST_F(FhirSchedulingTest, GivesNothingBackOfAVersionThatWhatIsHeldHasNot) {
  const std::string id = absl::StrCat("hold.", kVisitId);
  Json held = {{"resourceType", "Appointment"}, {"id", id}, {"status", "cancelled"}};
  HttpRequest request = Request(http::verb::put, "Appointment/" + id, held.dump());
  request.set(http::field::if_match, "W/\"v1\"");
  const HttpAnswer answer = Ask(request);
  EXPECT_EQ(answer.result_int(), 412u);
  EXPECT_EQ(IssueIn(answer), "ETAG_MISMATCH conflict");
  held["meta"] = {{"versionId", "v1"}};
  EXPECT_EQ(Post("Appointment/$book", ByResource(held)).result_int(), 412u) << "as the resource says";
  EXPECT_THAT(upstream_.calls(), IsEmpty());
}

TEST_F(FhirSchedulingTest, SaysWhatAnOperationLacks) {
  Json appointment = Proposed(SoreBack(), slot_);
  appointment.erase("supportingInformation");
  EXPECT_EQ(IssueIn(Post("Appointment/$hold", ByResource(appointment))),
            "INVALID_FIELD invalid Appointment.supportingInformation");
  appointment = Proposed(SoreBack(), slot_);
  appointment["participant"] = Json::array();
  EXPECT_EQ(IssueIn(Post("Appointment/$hold", ByResource(appointment))),
            "INVALID_FIELD invalid Appointment.participant.actor");
  EXPECT_EQ(IssueIn(Post("Appointment/$hold", ByResource(Json{{"resourceType", "Patient"}}))),
            "INVALID_FIELD invalid Appointment.resourceType");
  EXPECT_EQ(IssueIn(Post("Appointment/$hold", Json{{"resourceType", "Parameters"}})),
            "INVALID_FIELD invalid Parameters.parameter");
  EXPECT_EQ(IssueIn(Post("Appointment/$hold", ByReference("no-such-id"))), "RESOURCE_NOT_FOUND not-found");
  EXPECT_EQ(IssueIn(Get("Appointment/$find")), "INVALID_FIELD invalid http.risk-assessment");
  EXPECT_THAT(upstream_.calls(), IsEmpty());
}

TEST_F(FhirSchedulingTest, RefusesAParameterOfABodyThatItWouldOverlook) {
  Json parameters = {{"resourceType", "Parameters"}};
  parameters["parameter"].push_back(
      {{"name", "risk-assessment"}, {"valueReference", {{"reference", absl::StrCat("RiskAssessment/", kConsultId)}}}});
  parameters["parameter"].push_back({{"name", "specialty"}, {"valueString", "physiatry"}});
  EXPECT_EQ(IssueIn(Post("Appointment/$find", parameters)), "INVALID_FIELD invalid Parameters.parameter[1]");
  EXPECT_EQ(IssueIn(Post("Appointment/$hold", parameters)), "INVALID_FIELD invalid Parameters.parameter[0]");
  EXPECT_THAT(upstream_.calls(), IsEmpty());
}

}  // namespace
}  // namespace lumbar::gateway::fhir
