// What patients and staff ask of the desk, and what they are told.
#include "common/status/errors.h"
#include "common/store/resource_name.h"
#include "services/gateway/consult/testing/consult_desk_fixture.h"

namespace lumbar::gateway {
namespace {

namespace v1 = consult::v1;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Property;
using testing::SizeIs;

TEST_P(ConsultDeskTest, OffersTheEarliestTimesOfAFewClinicians) {
  ASSERT_OK_AND_ASSIGN(const auto consult, Request());
  EXPECT_EQ(consult.state(), v1::CONSULT_STATE_OFFERED);
  ASSERT_THAT(consult.offers(), SizeIs(3));
  EXPECT_EQ(consult.offers(0).clinician(), "clinicians/maya");
  EXPECT_EQ(consult.offers(1).clinician(), "clinicians/omar");
  EXPECT_EQ(consult.offers(2).clinician(), "clinicians/maya");
  EXPECT_THAT(consult.articles(), ElementsAre("articles/sciatica"));
  EXPECT_THAT(consult.assessment().signed_assessment(), IsEmpty());
}

TEST_P(ConsultDeskTest, NeverOffersATimeAfterTheActByTime) {
  *triage_.assessment.mutable_act_by_time() = ToProtoTime(clock_.Now() + absl::Hours(2));
  ASSERT_OK_AND_ASSIGN(const auto consult, Request());
  ASSERT_THAT(booking_.searches, SizeIs(1));
  EXPECT_EQ(booking_.searches[0].end_time().seconds(), triage_.assessment.act_by_time().seconds());
  EXPECT_THAT(consult.offers(), SizeIs(1));
}

TEST_P(ConsultDeskTest, ShowsNoOfferThatHasBegun) {
  ASSERT_OK_AND_ASSIGN(const auto offered, Request());
  ASSERT_THAT(offered.offers(), SizeIs(3));
  clock_.Advance(absl::Hours(3));
  EXPECT_THAT(Get(offered.name())->offers(), ElementsAre(Property(&booking::v1::Slot::clinician, "clinicians/omar")));
  const v1::ListConsultsRequest all;
  const auto listed = desk_.ListConsults(rpc::TestContext(options::v1::ROLE_PATIENT, "patients/17", all), all);
  EXPECT_THAT(listed->consults(0).offers(), SizeIs(1));
  EXPECT_THAT(Stored(offered.name()).offers(), SizeIs(3));
}

TEST_P(ConsultDeskTest, EscalatesWhenNoTimeIsSoonEnough) {
  booking_.slots.clear();
  ASSERT_OK_AND_ASSIGN(const auto consult, Request());
  EXPECT_EQ(consult.state(), v1::CONSULT_STATE_ESCALATED);
  EXPECT_EQ(consult.escalation_reason(), "NO_SLOT_BEFORE_ACT_BY");
}

TEST_P(ConsultDeskTest, SendsAnEmergencyToHelpAndBooksNothingForIt) {
  for (const auto level : {triage::v1::LEVEL_EMERGENCY, triage::v1::LEVEL_EMERGENCY_AMBULANCE}) {
    triage_.assessment.set_level(level);
    triage_.assessment.set_headline("Call 911 now.");
    ASSERT_OK_AND_ASSIGN(const auto consult, Request(store::NewUuid()));
    EXPECT_EQ(consult.state(), v1::CONSULT_STATE_EMERGENCY);
    EXPECT_THAT(consult.guidance(), HasSubstr("911"));
    EXPECT_THAT(Choose(consult, "patients/17", store::NewUuid()),
                FailsWith(absl::StatusCode::kFailedPrecondition, "EMERGENCY_NOT_BOOKABLE"));
  }
  EXPECT_THAT(booking_.searches, IsEmpty());
  EXPECT_THAT(booking_.holds, IsEmpty());
}

TEST_P(ConsultDeskTest, TakesNothingDownForAPresentationThatMakesNoSense) {
  triage_.status = WithReason(absl::InvalidArgumentError("unknown finding"), "UNKNOWN_FINDING");
  EXPECT_THAT(Request(), FailsWith(absl::StatusCode::kInvalidArgument, "UNKNOWN_FINDING"));
  EXPECT_THAT(cases_.List({})->consults(), IsEmpty());
}

TEST_P(ConsultDeskTest, BooksTheChosenTime) {
  ASSERT_OK_AND_ASSIGN(const auto consult, Request());
  ASSERT_OK_AND_ASSIGN(const auto booked, Choose(consult));
  EXPECT_EQ(booked.state(), v1::CONSULT_STATE_BOOKED);
  EXPECT_EQ(booked.appointment(), "appointments/1");
  EXPECT_EQ(booking_.holds[0].signed_assessment(), "proof");
  // The retry of a client that never saw the answer.
  ASSERT_OK_AND_ASSIGN(const auto again, Choose(consult));
  EXPECT_EQ(again.appointment(), booked.appointment());
  EXPECT_THAT(booking_.holds, SizeIs(1));
}

TEST_P(ConsultDeskTest, RefusesATimeThatIsNotOnOffer) {
  ASSERT_OK_AND_ASSIGN(const auto consult, Request());
  *booking_.slots[0].mutable_start_time() = ToProtoTime(clock_.Now() + absl::Hours(99));
  EXPECT_THAT(Choose(consult), FailsWith(absl::StatusCode::kFailedPrecondition, "NOT_OFFERED"));
}

TEST_P(ConsultDeskTest, SaysOfASecondChoiceThatATimeIsChosen) {
  ASSERT_OK_AND_ASSIGN(const auto consult, Request());
  booking_.confirm = absl::UnavailableError("cut off");
  ASSERT_THAT(Choose(consult), IsOk());
  const auto choose_again = [&] { return Choose(consult, "patients/17", store::NewUuid()); };
  EXPECT_THAT(choose_again(), FailsWith(absl::StatusCode::kFailedPrecondition, "TIME_CHOSEN")) << "being booked";
  booking_.confirm = absl::OkStatus();
  Resume();
  ASSERT_EQ(Stored(consult.name()).state(), v1::CONSULT_STATE_BOOKED);
  EXPECT_THAT(choose_again(), FailsWith(absl::StatusCode::kFailedPrecondition, "TIME_CHOSEN"));
  EXPECT_EQ(Stored(consult.name()).appointment(), "appointments/1");
}

TEST_P(ConsultDeskTest, SaysOfAChoiceThatComesTooLateThatTheConsultIsOver) {
  ASSERT_OK_AND_ASSIGN(const auto booked, BookedAsBookingHasIt());
  const auto choose_again = [&] { return Choose(booked, "patients/17", store::NewUuid()); };
  booking_.appointment.set_state(booking::v1::APPOINTMENT_STATE_COMPLETED);
  ASSERT_EQ(Get(booked.name())->state(), v1::CONSULT_STATE_COMPLETED);
  EXPECT_THAT(choose_again(), FailsWith(absl::StatusCode::kFailedPrecondition, "CONSULT_OVER"));
  ASSERT_OK_AND_ASSIGN(const auto cancelled, Request(store::NewUuid()));
  ASSERT_THAT(Cancel(cancelled.name()), IsOk());
  EXPECT_THAT(Choose(cancelled, "patients/17", store::NewUuid()),
              FailsWith(absl::StatusCode::kFailedPrecondition, "CONSULT_OVER"));
}

TEST_P(ConsultDeskTest, KeepsOtherPatientsOut) {
  ASSERT_OK_AND_ASSIGN(const auto consult, Request());
  EXPECT_THAT(Choose(consult, "patients/18"), FailsWith(absl::StatusCode::kPermissionDenied, "NOT_YOURS"));
  EXPECT_EQ(Stored(consult.name()).state(), v1::CONSULT_STATE_OFFERED);
}

TEST_P(ConsultDeskTest, ExpiresAConsultWhoseAssessmentIsTooOld) {
  ASSERT_OK_AND_ASSIGN(const auto consult, Request());
  booking_.hold = WithReason(absl::FailedPreconditionError("too old"), "ASSESSMENT_EXPIRED");
  EXPECT_THAT(Choose(consult), FailsWith(absl::StatusCode::kFailedPrecondition, "ASSESSMENT_EXPIRED"));
  EXPECT_EQ(Stored(consult.name()).state(), v1::CONSULT_STATE_EXPIRED);
}

TEST_P(ConsultDeskTest, NoticesThatTheVisitWasCalledOffWithoutIt) {
  ASSERT_OK_AND_ASSIGN(const auto booked, Booked());
  booking_.appointment.set_state(booking::v1::APPOINTMENT_STATE_BOOKED);
  *booking_.appointment.mutable_slot() = booked.chosen_slot();
  ASSERT_OK_AND_ASSIGN(const auto before, Get(booked.name()));
  EXPECT_EQ(before.state(), v1::CONSULT_STATE_BOOKED);
  booking_.appointment.set_state(booking::v1::APPOINTMENT_STATE_CANCELLED);
  ASSERT_OK_AND_ASSIGN(const auto after, Get(booked.name()));
  EXPECT_EQ(after.state(), v1::CONSULT_STATE_CANCELLED);
  EXPECT_EQ(Stored(booked.name()).state(), v1::CONSULT_STATE_CANCELLED);
}

TEST_P(ConsultDeskTest, ShowsTheNewTimeOfAVisitThatWasMovedWithoutIt) {
  ASSERT_OK_AND_ASSIGN(const auto booked, Booked());
  booking_.appointment.set_state(booking::v1::APPOINTMENT_STATE_BOOKED);
  *booking_.appointment.mutable_slot() = booked.chosen_slot();
  ASSERT_OK_AND_ASSIGN(const auto before, Get(booked.name()));
  EXPECT_EQ(before.SerializeAsString(), booked.SerializeAsString());
  const absl::Time later = FromProto(booked.chosen_slot().start_time()) + absl::Hours(1);
  *booking_.appointment.mutable_slot()->mutable_start_time() = ToProtoTime(later);
  ASSERT_OK_AND_ASSIGN(const auto after, Get(booked.name()));
  EXPECT_EQ(after.state(), v1::CONSULT_STATE_BOOKED);
  EXPECT_EQ(FromProto(after.chosen_slot().start_time()), later);
  EXPECT_EQ(FromProto(Stored(booked.name()).chosen_slot().start_time()), later);
}

TEST_P(ConsultDeskTest, StoresNothingForACallerWhoWaitsTooShort) {
  sample_.set_request_id("11111111-0000-4000-8000-000000000000");
  const auto context = rpc::TestContext(options::v1::ROLE_PATIENT, "patients/17", sample_);
  const rpc::CallContext hasty(context.caller(), clock_.Now() + absl::Seconds(1), context.trace(), context.mutation());
  EXPECT_THAT(Send(hasty, sample_), FailsWith(absl::StatusCode::kDeadlineExceeded, "DEADLINE_TOO_SHORT"));
  EXPECT_EQ(triage_.calls, 0);
  EXPECT_THAT(cases_.List({})->consults(), IsEmpty());
}

TEST_P(ConsultDeskTest, BooksNothingForAPatientWithANewerEmergency) {
  ASSERT_OK_AND_ASSIGN(const auto older, Request());
  clock_.Advance(absl::Seconds(1));
  triage_.assessment.set_level(triage::v1::LEVEL_EMERGENCY);
  ASSERT_THAT(Request(store::NewUuid()), IsOk());
  EXPECT_THAT(Choose(older), FailsWith(absl::StatusCode::kFailedPrecondition, "EMERGENCY_NOT_BOOKABLE"));
  EXPECT_THAT(booking_.holds, IsEmpty());
  // What has been assessed since is another matter.
  clock_.Advance(absl::Seconds(1));
  triage_.assessment.set_level(triage::v1::LEVEL_CONSULTATION);
  ASSERT_OK_AND_ASSIGN(const auto newer, Request(store::NewUuid()));
  EXPECT_THAT(Choose(newer), IsOk());
}

TEST_P(ConsultDeskTest, KeepsAnEmergencyThatSomebodyWantsToCallOff) {
  ASSERT_OK_AND_ASSIGN(const auto offered, Request());
  clock_.Advance(absl::Seconds(1));
  triage_.assessment.set_level(triage::v1::LEVEL_EMERGENCY);
  ASSERT_OK_AND_ASSIGN(const auto emergency, Request(store::NewUuid()));
  EXPECT_THAT(Cancel(emergency.name()), FailsWith(absl::StatusCode::kFailedPrecondition, "EMERGENCY_STANDS"));
  EXPECT_EQ(Stored(emergency.name()).state(), v1::CONSULT_STATE_EMERGENCY);
  EXPECT_THAT(Choose(offered), FailsWith(absl::StatusCode::kFailedPrecondition, "EMERGENCY_NOT_BOOKABLE"));
}

TEST_P(ConsultDeskTest, RefusesATimeZoneThatBookingWouldRefuseLater) {
  sample_.mutable_contact()->set_time_zone("Mars/Base");
  EXPECT_THAT(Request(), FailsWith(absl::StatusCode::kInvalidArgument, "INVALID_FIELD"));
}

TEST_P(ConsultDeskTest, SaysHowSoonToBeSeenWhereNoVisitIsSoonEnough) {
  booking_.slots.clear();
  triage_.assessment.set_level(triage::v1::LEVEL_CONSULTATION_24);
  ASSERT_OK_AND_ASSIGN(const auto consult, Request());
  EXPECT_EQ(consult.state(), v1::CONSULT_STATE_ESCALATED);
  EXPECT_THAT(consult.guidance(),
              testing::AllOf(HasSubstr("within 24 hours"), HasSubstr("urgent care"), HasSubstr("911")));
}

TEST_P(ConsultDeskTest, TellsTriageAndBookingTheSameAge) {
  sample_.mutable_contact()->set_age_years(44);
  ASSERT_THAT(Request(), IsOk());
  EXPECT_EQ(triage_.asked.presentation().age_years(), 44u);
  sample_.mutable_presentation()->set_age_years(17);
  EXPECT_THAT(Request(store::NewUuid()), FailsWith(absl::StatusCode::kInvalidArgument, "INVALID_FIELD"));
}

TEST_P(ConsultDeskTest, TakesTheAgeFromEitherPlace) {
  sample_.mutable_contact()->clear_age_years();
  sample_.mutable_presentation()->set_age_years(17);
  ASSERT_THAT(Request(), IsOk());
  EXPECT_EQ(booking_.searches[0].patient_age_years(), 17u);
}

TEST_P(ConsultDeskTest, AsksForAMissingAgeUnlessItIsAnEmergency) {
  sample_.mutable_contact()->clear_age_years();
  EXPECT_THAT(Request(), FailsWith(absl::StatusCode::kInvalidArgument, "INVALID_FIELD"));
  EXPECT_THAT(cases_.List({})->consults(), IsEmpty());
  triage_.assessment.set_level(triage::v1::LEVEL_EMERGENCY);
  ASSERT_OK_AND_ASSIGN(const auto consult, Request());
  EXPECT_EQ(consult.state(), v1::CONSULT_STATE_EMERGENCY);
}

TEST_P(ConsultDeskTest, RefusesAStateThatIsNone) {
  sample_.mutable_contact()->set_state("ZZ");
  EXPECT_THAT(Request(), FailsWith(absl::StatusCode::kInvalidArgument, "INVALID_FIELD"));
  EXPECT_EQ(triage_.calls, 0);
}

TEST_P(ConsultDeskTest, AConsultOfTheStaffHasOneHandlerWhomOnlyStaffReplace) {
  booking_.slots.clear();
  ASSERT_OK_AND_ASSIGN(const auto consult, Request());
  ASSERT_THAT(Accept(consult.name(), "clinicians/maya", options::v1::ROLE_CLINICIAN), IsOk());
  ASSERT_THAT(Accept(consult.name(), "clinicians/maya", options::v1::ROLE_CLINICIAN), IsOk());
  EXPECT_THAT(Accept(consult.name(), "clinicians/omar", options::v1::ROLE_CLINICIAN),
              FailsWith(absl::StatusCode::kFailedPrecondition, "TAKEN_ON"));
  ASSERT_OK_AND_ASSIGN(const auto taken_over, Accept(consult.name(), "staff/ann"));
  EXPECT_EQ(taken_over.handler(), "staff/ann");
  ASSERT_OK_AND_ASSIGN(const auto seen_by_patient, Get(consult.name()));
  EXPECT_THAT(seen_by_patient.handler(), IsEmpty());
}

TEST_P(ConsultDeskTest, NobodyTakesOnWhatDoesntWaitForTheStaff) {
  ASSERT_OK_AND_ASSIGN(const auto offered, Request());
  EXPECT_THAT(Accept(offered.name(), "staff/ann"), FailsWith(absl::StatusCode::kFailedPrecondition, "NOT_ESCALATED"));
  EXPECT_THAT(Accept("consults/none", "staff/ann"), FailsWith(absl::StatusCode::kNotFound, "CONSULT_NOT_FOUND"));
}

TEST_P(ConsultDeskTest, ShowsTheRoutingToStaffAndNotToPatients) {
  ASSERT_OK_AND_ASSIGN(const auto seen_by_patient, Request());
  EXPECT_THAT(seen_by_patient.routing_notes(), IsEmpty());
  const v1::ListConsultsRequest all;
  const auto listed = desk_.ListConsults(rpc::TestContext(options::v1::ROLE_PATIENT, "patients/17", all), all);
  EXPECT_THAT(listed->consults(0).routing_notes(), IsEmpty());
  v1::GetConsultRequest request;
  request.set_name(seen_by_patient.name());
  const auto seen_by_staff = desk_.GetConsult(rpc::TestContext(options::v1::ROLE_STAFF, "staff/1", request), request);
  EXPECT_THAT(seen_by_staff->consult().routing_notes(), Not(IsEmpty()));
}

INSTANTIATE_TEST_SUITE_P(EveryEngine, ConsultDeskTest, testing::ValuesIn(store::Engines()), store::EngineName());

}  // namespace
}  // namespace lumbar::gateway
