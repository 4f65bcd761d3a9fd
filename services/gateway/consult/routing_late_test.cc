// What becomes of a consult that can't be routed at once, since booking is out of reach.
#include "services/gateway/consult/testing/consult_desk_fixture.h"

namespace lumbar::gateway {
namespace {

namespace v1 = consult::v1;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class RoutingLateTest : public ConsultDeskTest {
 protected:
  static constexpr absl::Duration kProofLasts = absl::Hours(4);

  // Asked for while booking is down, which comes back after `outage`.
  absl::StatusOr<v1::Consult> RequestBeforeAnOutageOf(absl::Duration outage) {
    *triage_.assessment.mutable_expire_time() = ToProtoTime(clock_.Now() + kProofLasts);
    booking_.search = absl::UnavailableError("down");
    auto consult = Request();
    booking_.search = absl::OkStatus();
    clock_.Advance(outage);
    triage_.assessment.set_signed_assessment("newer");
    *triage_.assessment.mutable_expire_time() = ToProtoTime(clock_.Now() + kProofLasts);
    return consult;
  }
  // What the resumer makes of it.
  v1::Consult AfterResuming(const v1::Consult& consult) {
    EXPECT_THAT(saga_.ResumeUnfinished(10), IsOkAndHolds(1));
    return Stored(consult.name());
  }
  void ExpectOffersOnANewProofAfter(absl::Duration outage) {
    ASSERT_OK_AND_ASSIGN(const auto waiting, RequestBeforeAnOutageOf(outage));
    AddSlot("clinicians/zoe", 12);
    const v1::Consult offered = AfterResuming(waiting);
    EXPECT_EQ(offered.state(), v1::CONSULT_STATE_OFFERED);
    EXPECT_EQ(offered.assessment().act_by_time().seconds(), waiting.assessment().act_by_time().seconds());
    EXPECT_EQ(cases_.Find(waiting.name())->signed_assessment, "newer");
    clock_.Advance(kProofLasts - absl::Seconds(1));
    EXPECT_THAT(saga_.ResumeUnfinished(10), IsOkAndHolds(0));
    clock_.Advance(absl::Seconds(1));
    EXPECT_EQ(AfterResuming(waiting).state(), v1::CONSULT_STATE_EXPIRED);
  }
};

TEST_P(RoutingLateTest, TellsThePatientOfDangerWhileTheyWait) {
  ASSERT_OK_AND_ASSIGN(const auto consult, RequestBeforeAnOutageOf(absl::Seconds(1)));
  EXPECT_EQ(consult.state(), v1::CONSULT_STATE_TRIAGED);
  EXPECT_THAT(consult.guidance(), HasSubstr("911"));
}

TEST_P(RoutingLateTest, HandsARoutingThatIsStuckToStaffWhoAreTold) {
  ASSERT_OK_AND_ASSIGN(const auto consult, RequestBeforeAnOutageOf(kBookingPatience - absl::Seconds(1)));
  booking_.search = absl::UnavailableError("down");
  EXPECT_EQ(AfterResuming(consult).state(), v1::CONSULT_STATE_TRIAGED);
  EXPECT_THAT(alerts_.raised, IsEmpty());
  clock_.Advance(absl::Minutes(1));
  const v1::Consult escalated = AfterResuming(consult);
  EXPECT_EQ(escalated.state(), v1::CONSULT_STATE_ESCALATED);
  EXPECT_EQ(escalated.escalation_reason(), "ROUTING_STUCK");
  EXPECT_EQ(FromProto(escalated.respond_by_time()), clock_.Now() + absl::Hours(4));
  EXPECT_THAT(escalated.guidance(), HasSubstr("911"));
  EXPECT_THAT(alerts_.raised, SizeIs(1));
}

TEST_P(RoutingLateTest, HasThePatienceAnewWhereTimesAreSoughtAgain) {
  ASSERT_OK_AND_ASSIGN(const auto consult, Request());
  clock_.Advance(kBookingPatience * 2);
  booking_.hold = WithReason(absl::AlreadyExistsError("taken"), "SLOT_TAKEN");
  booking_.search = absl::UnavailableError("down");
  EXPECT_THAT(Choose(consult), FailsWith(absl::StatusCode::kAlreadyExists, "SLOT_TAKEN"));
  EXPECT_EQ(Stored(consult.name()).state(), v1::CONSULT_STATE_TRIAGED);
  clock_.Advance(kBookingPatience);
  EXPECT_EQ(AfterResuming(consult).escalation_reason(), "ROUTING_STUCK");
}

TEST_P(RoutingLateTest, OffersTimesOnANewProofWhereTheOldOneIsNearlyOver) {
  ExpectOffersOnANewProofAfter(kProofLasts - absl::Minutes(59));
}

// As when the gateway was down, too.
TEST_P(RoutingLateTest, OffersTimesOnANewProofWhereTheOldOneIsOver) { ExpectOffersOnANewProofAfter(kProofLasts * 2); }

TEST_P(RoutingLateTest, KeepsAProofThatLeavesTimeToChoose) {
  ASSERT_OK_AND_ASSIGN(const auto waiting, RequestBeforeAnOutageOf(kProofLasts - kBookingPatience));
  EXPECT_EQ(AfterResuming(waiting).state(), v1::CONSULT_STATE_OFFERED);
  EXPECT_EQ(triage_.calls, 1);
}

TEST_P(RoutingLateTest, AsksForNoNewProofWhereTimesAreOfferedAtOnce) {
  *triage_.assessment.mutable_expire_time() = ToProtoTime(clock_.Now() + kBookingPatience / 2);
  ASSERT_OK_AND_ASSIGN(const auto offered, Request());
  EXPECT_EQ(offered.state(), v1::CONSULT_STATE_OFFERED);
  EXPECT_EQ(triage_.calls, 1);
}

TEST_P(RoutingLateTest, OffersNothingWhereTriageNowSeesAnEmergency) {
  ASSERT_OK_AND_ASSIGN(const auto waiting, RequestBeforeAnOutageOf(kProofLasts));
  triage_.assessment.set_level(triage::v1::LEVEL_EMERGENCY);
  const v1::Consult sent = AfterResuming(waiting);
  EXPECT_EQ(sent.state(), v1::CONSULT_STATE_EMERGENCY);
  EXPECT_THAT(sent.offers(), IsEmpty());
}

TEST_P(RoutingLateTest, HandsWhatHasNoNewProofToStaff) {
  ASSERT_OK_AND_ASSIGN(const auto waiting, RequestBeforeAnOutageOf(kProofLasts));
  triage_.status = absl::UnavailableError("down");
  EXPECT_EQ(AfterResuming(waiting).escalation_reason(), "ROUTING_STUCK");
}

INSTANTIATE_TEST_SUITE_P(EveryEngine, RoutingLateTest, testing::ValuesIn(store::Engines()), store::EngineName());

}  // namespace
}  // namespace lumbar::gateway
