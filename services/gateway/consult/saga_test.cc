// What becomes of a consult when those that the saga calls fail, are slow or change their mind.
#include <utility>

#include "common/status/errors.h"
#include "common/store/resource_name.h"
#include "services/gateway/consult/domain/escalation.h"
#include "services/gateway/consult/testing/consult_desk_fixture.h"

namespace lumbar::gateway {
namespace {

namespace v1 = consult::v1;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class SagaTest : public ConsultDeskTest {};

TEST_P(SagaTest, BooksWithTheSameKeysAfterAnOutage) {
  ASSERT_OK_AND_ASSIGN(const auto consult, Request());
  booking_.confirm = absl::UnavailableError("cut off");
  ASSERT_OK_AND_ASSIGN(const auto held, Choose(consult));
  EXPECT_EQ(held.state(), v1::CONSULT_STATE_HELD);
  EXPECT_THAT(saga_.ResumeUnfinished(10), IsOkAndHolds(0));
  booking_.confirm = absl::OkStatus();
  clock_.Advance(kLease + absl::Seconds(1));
  EXPECT_THAT(saga_.ResumeUnfinished(10), IsOkAndHolds(1));
  EXPECT_EQ(Stored(consult.name()).state(), v1::CONSULT_STATE_BOOKED);
  ASSERT_THAT(booking_.holds, SizeIs(2));
  EXPECT_EQ(booking_.holds[0].request_id(), booking_.holds[1].request_id());
  EXPECT_EQ(booking_.confirms[0].request_id(), booking_.confirms[1].request_id());
}

TEST_P(SagaTest, RoutesLaterWhenBookingIsOutOfReach) {
  booking_.search = absl::UnavailableError("down");
  ASSERT_OK_AND_ASSIGN(const auto consult, Request());
  EXPECT_EQ(consult.state(), v1::CONSULT_STATE_TRIAGED);
  booking_.search = absl::OkStatus();
  clock_.Advance(kLease + absl::Seconds(1));
  EXPECT_THAT(saga_.ResumeUnfinished(10), IsOkAndHolds(1));
  EXPECT_EQ(Stored(consult.name()).state(), v1::CONSULT_STATE_OFFERED);
}

TEST_P(SagaTest, SurvivesARestartOfTriage) {
  triage_.outages = 1;
  ASSERT_OK_AND_ASSIGN(const auto consult, Request());
  EXPECT_EQ(consult.state(), v1::CONSULT_STATE_OFFERED);
}

TEST_P(SagaTest, KeepsTheChosenTimeUntilBookingSaysItIsLost) {
  for (const char* reason : {"ROLE_NOT_ALLOWED", "CONTRACT_REFUSED", "TOKEN_EXPIRED"}) {
    ASSERT_OK_AND_ASSIGN(const auto consult, Request(store::NewUuid()));
    booking_.hold = WithReason(absl::FailedPreconditionError("no"), reason);
    ASSERT_OK_AND_ASSIGN(const auto held, Choose(consult, "patients/17", store::NewUuid()));
    EXPECT_EQ(held.state(), v1::CONSULT_STATE_HELD) << reason;
  }
}

TEST_P(SagaTest, HandsABookingThatIsStuckToStaff) {
  ASSERT_OK_AND_ASSIGN(const auto consult, Request());
  booking_.hold = absl::UnavailableError("down");
  ASSERT_THAT(Choose(consult), IsOk());
  clock_.Advance(kBookingPatience - absl::Seconds(1));
  EXPECT_THAT(saga_.ResumeUnfinished(1), IsOkAndHolds(1));
  EXPECT_EQ(Stored(consult.name()).state(), v1::CONSULT_STATE_HELD);
  clock_.Advance(absl::Minutes(1));
  EXPECT_THAT(saga_.ResumeUnfinished(1), IsOkAndHolds(1));
  EXPECT_EQ(Stored(consult.name()).state(), v1::CONSULT_STATE_ESCALATED);
  EXPECT_EQ(Stored(consult.name()).escalation_reason(), "BOOKING_STUCK");
}

// No other time would do, either.
TEST_P(SagaTest, HandsWhatBookingFindsWrongToStaffInsteadOfOfferingItAgain) {
  for (const auto& refused : {InvalidField("contact.time_zone", "is wrong"),
                              WithReason(absl::InvalidArgumentError("other keys"), "ASSESSMENT_FORGED"),
                              WithReason(absl::FailedPreconditionError("no proof"), "ASSESSMENT_REQUIRED")}) {
    alerts_.raised.clear();
    booking_.searches.clear();
    booking_.hold = refused;
    ASSERT_OK_AND_ASSIGN(const auto consult, Request(store::NewUuid()));
    ASSERT_OK_AND_ASSIGN(const auto escalated, Choose(consult, "patients/17", store::NewUuid()));
    EXPECT_EQ(escalated.state(), v1::CONSULT_STATE_ESCALATED);
    EXPECT_EQ(escalated.escalation_reason(), "BOOKING_REFUSED");
    EXPECT_THAT(escalated.offers(), IsEmpty());
    EXPECT_THAT(escalated.guidance(), HasSubstr("911"));
    EXPECT_THAT(alerts_.raised, SizeIs(1));
    EXPECT_THAT(booking_.searches, SizeIs(1));
  }
}

TEST_P(SagaTest, StopsBetweenTwoCases) {
  booking_.search = absl::UnavailableError("down");
  for (int i = 0; i < 3; ++i) ASSERT_THAT(Request(store::NewUuid()), IsOk());
  clock_.Advance(kLease + absl::Seconds(1));
  EXPECT_THAT(saga_.ResumeUnfinished(10), IsOkAndHolds(3));
  clock_.Advance(absl::Minutes(1));
  booking_.on_search = [&] { saga_.Stop(); };
  EXPECT_THAT(saga_.ResumeUnfinished(10), IsOkAndHolds(1));
}

TEST_P(SagaTest, HandsAConsultToStaffWhenTriageIsOutOfReach) {
  triage_.status = absl::UnavailableError("down");
  ASSERT_OK_AND_ASSIGN(const auto consult, Request());
  EXPECT_EQ(consult.state(), v1::CONSULT_STATE_ESCALATED);
  EXPECT_EQ(consult.escalation_reason(), "TRIAGE_UNAVAILABLE");
  EXPECT_THAT(consult.guidance(), HasSubstr("911"));
}

TEST_P(SagaTest, HandsAConsultToStaffWhenTriageIsTooSlow) {
  triage_.status = absl::DeadlineExceededError("slow");
  ASSERT_OK_AND_ASSIGN(const auto consult, Request());
  EXPECT_EQ(consult.state(), v1::CONSULT_STATE_ESCALATED);
  EXPECT_EQ(consult.escalation_reason(), "TRIAGE_UNAVAILABLE");
  EXPECT_EQ(triage_.calls, 1);
}

TEST_P(SagaTest, TellsTheStaffAtOnceThatAConsultWaitsForThem) {
  booking_.slots.clear();
  ASSERT_OK_AND_ASSIGN(const auto consult, Request());
  ASSERT_THAT(alerts_.raised, SizeIs(1));
  EXPECT_EQ(alerts_.raised[0].consult(), consult.name());
  EXPECT_EQ(alerts_.raised[0].number(), 1);
  EXPECT_EQ(FromProto(consult.respond_by_time()), clock_.Now() + absl::Hours(4));
}

TEST_P(SagaTest, ExpectsTheStaffTheSoonerTheLessIsKnownOfTheDanger) {
  booking_.slots.clear();
  triage_.assessment.set_level(triage::v1::LEVEL_CONSULTATION_24);
  ASSERT_OK_AND_ASSIGN(const auto within_a_day, Request());
  EXPECT_EQ(FromProto(within_a_day.respond_by_time()), clock_.Now() + absl::Minutes(30));
  triage_.status = absl::DeadlineExceededError("slow");
  ASSERT_OK_AND_ASSIGN(const auto unknown, Request(store::NewUuid()));
  EXPECT_EQ(FromProto(unknown.respond_by_time()), clock_.Now() + absl::Minutes(15));
  EXPECT_THAT(alerts_.raised, SizeIs(2));
}

TEST_P(SagaTest, TellsTheStaffAgainEachTimeTheirTimeIsOverButNotForEver) {
  booking_.slots.clear();
  ASSERT_THAT(Request(), IsOk());
  clock_.Advance(absl::Hours(4) - absl::Seconds(1));
  EXPECT_THAT(saga_.ResumeUnfinished(10), IsOkAndHolds(0));
  for (int number = 2; number <= kMostAlerts; ++number) {
    clock_.Advance(absl::Hours(number == 2 ? 0 : 4) + absl::Seconds(1));
    EXPECT_THAT(saga_.ResumeUnfinished(10), IsOkAndHolds(1));
    ASSERT_THAT(alerts_.raised, SizeIs(number));
    EXPECT_EQ(alerts_.raised.back().number(), number);
  }
  clock_.Advance(absl::Hours(24));
  EXPECT_THAT(saga_.ResumeUnfinished(10), IsOkAndHolds(0));
}

TEST_P(SagaTest, TellsTheStaffUnderTheSameKeyUntilNotificationTakesIt) {
  booking_.slots.clear();
  alerts_.status = absl::UnavailableError("down");
  ASSERT_OK_AND_ASSIGN(const auto consult, Request());
  EXPECT_EQ(consult.state(), v1::CONSULT_STATE_ESCALATED) << "the patient is told what to do all the same";
  alerts_.status = absl::OkStatus();
  clock_.Advance(kLease + absl::Seconds(1));
  EXPECT_THAT(saga_.ResumeUnfinished(10), IsOkAndHolds(1));
  ASSERT_THAT(alerts_.raised, SizeIs(2));
  EXPECT_EQ(alerts_.raised[0].request_id(), alerts_.raised[1].request_id());
}

TEST_P(SagaTest, DoesntAskForEverWhereNobodyIsNamedToBeTold) {
  booking_.slots.clear();
  alerts_.status = WithReason(absl::FailedPreconditionError("nobody"), "STAFF_EMAIL_MISSING");
  ASSERT_THAT(Request(), IsOk());
  clock_.Advance(kLease + absl::Seconds(1));
  EXPECT_THAT(saga_.ResumeUnfinished(10), IsOkAndHolds(0));
}

TEST_P(SagaTest, TellsNobodyOnceSomebodyHasTakenItOnOrItIsCalledOff) {
  booking_.slots.clear();
  ASSERT_OK_AND_ASSIGN(const auto taken, Request());
  ASSERT_OK_AND_ASSIGN(const auto cancelled, Request(store::NewUuid()));
  ASSERT_OK_AND_ASSIGN(const auto accepted, Accept(taken.name(), "staff/ann"));
  EXPECT_EQ(accepted.handler(), "staff/ann");
  EXPECT_FALSE(accepted.has_respond_by_time());
  ASSERT_THAT(Cancel(cancelled.name()), IsOk());
  clock_.Advance(absl::Hours(24));
  EXPECT_THAT(saga_.ResumeUnfinished(10), IsOkAndHolds(0));
  EXPECT_THAT(alerts_.raised, SizeIs(2));
}

TEST_P(SagaTest, HasFreshOffersWhenSomebodyWasQuicker) {
  ASSERT_OK_AND_ASSIGN(const auto consult, Request());
  booking_.hold = WithReason(absl::AlreadyExistsError("taken"), "SLOT_TAKEN");
  EXPECT_THAT(Choose(consult), FailsWith(absl::StatusCode::kAlreadyExists, "SLOT_TAKEN"));
  EXPECT_EQ(Stored(consult.name()).state(), v1::CONSULT_STATE_OFFERED);
  EXPECT_THAT(booking_.searches, SizeIs(2));
}

TEST_P(SagaTest, AsksTriageForASignedAnswerInThePatientsLanguage) {
  sample_.mutable_contact()->set_language_code("es-MX");
  ASSERT_THAT(Request(), IsOk());
  EXPECT_EQ(triage_.asked.language_code(), "es-MX");
  EXPECT_EQ(triage_.asked.patient(), "patients/17");
  EXPECT_TRUE(triage_.asked.sign());
}

TEST_P(SagaTest, AnswersARepeatedRequestThoughSomebodyElseMovesTheConsultOn) {
  booking_.slots.clear();
  alerts_.status = absl::UnavailableError("down");
  ASSERT_OK_AND_ASSIGN(const auto consult, Request());
  alerts_.status = absl::OkStatus();
  // The resumer, which tells the staff at this moment, too.
  bool first = true;
  alerts_.on_raise = [&] {
    if (std::exchange(first, false)) {
      EXPECT_THAT(cases_.Save(*cases_.Find(consult.name())), IsOk());
    }
  };
  ASSERT_OK_AND_ASSIGN(const auto again, Request());
  EXPECT_EQ(again.name(), consult.name());
  ASSERT_THAT(alerts_.raised, SizeIs(3));
  EXPECT_EQ(alerts_.raised[1].request_id(), alerts_.raised[2].request_id());
  // Whoever is always quicker moves it on.
  alerts_.raised.clear();
  clock_.Advance(absl::Hours(5));
  alerts_.on_raise = [&] { EXPECT_THAT(cases_.Save(*cases_.Find(consult.name())), IsOk()); };
  ASSERT_OK_AND_ASSIGN(const auto as_it_is, Request());
  EXPECT_EQ(as_it_is.state(), v1::CONSULT_STATE_ESCALATED);
  EXPECT_THAT(alerts_.raised, SizeIs(3));
}

INSTANTIATE_TEST_SUITE_P(EveryEngine, SagaTest, testing::ValuesIn(store::Engines()), store::EngineName());

}  // namespace
}  // namespace lumbar::gateway
