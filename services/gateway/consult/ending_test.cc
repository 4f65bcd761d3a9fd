// How a consult ends by itself: nobody chose a time, or its visit is over.
#include "services/gateway/consult/domain/ending.h"

#include "common/store/resource_name.h"
#include "services/gateway/consult/testing/consult_desk_fixture.h"

namespace lumbar::gateway {
namespace {

namespace v1 = consult::v1;
using absl::StatusCode;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class EndingTest : public ConsultDeskTest {
 protected:
  void SetUp() override {
    ConsultDeskTest::SetUp();
    for (auto& slot : booking_.slots) {
      *slot.mutable_end_time() = ToProtoTime(FromProto(slot.start_time()) + absl::Minutes(30));
    }
  }
  // What the resumer makes of it after `step`.
  v1::Consult After(absl::Duration step, const std::string& name) {
    clock_.Advance(step);
    EXPECT_THAT(saga_.ResumeUnfinished(10), IsOk());
    return Stored(name);
  }
  std::vector<std::string> UrgencyList() {
    v1::ListConsultsRequest request;
    request.set_order(v1::CONSULT_ORDER_URGENCY);
    const auto found = desk_.ListConsults(rpc::TestContext(options::v1::ROLE_STAFF, "staff/ann", request), request);
    std::vector<std::string> names;
    for (const auto& consult : found->consults()) names.push_back(consult.name());
    return names;
  }
};

TEST_P(EndingTest, OffersThatAreOverExpireAndThePatientIsToldHowToAskAgain) {
  ASSERT_OK_AND_ASSIGN(const auto offered, Request());
  EXPECT_EQ(After(absl::Hours(4), offered.name()).state(), v1::CONSULT_STATE_OFFERED) << "the last is in an hour";
  EXPECT_THAT(UrgencyList(), SizeIs(1));
  const v1::Consult ended = After(absl::Hours(1), offered.name());
  EXPECT_EQ(ended.state(), v1::CONSULT_STATE_EXPIRED);
  EXPECT_THAT(ended.offers(), IsEmpty());
  EXPECT_THAT(ended.guidance(), HasSubstr("ask for a new one"));
  EXPECT_THAT(UrgencyList(), IsEmpty());
  EXPECT_THAT(Choose(offered), FailsWith(StatusCode::kFailedPrecondition, "CONSULT_OVER"));
  clock_.Advance(absl::Hours(1));
  EXPECT_THAT(saga_.ResumeUnfinished(10), IsOkAndHolds(0)) << "that was all";
}

TEST_P(EndingTest, OffersEndWithTheAssessmentThatBooksThem) {
  *triage_.assessment.mutable_expire_time() = ToProtoTime(clock_.Now() + absl::Hours(1));
  ASSERT_OK_AND_ASSIGN(const auto offered, Request());
  EXPECT_EQ(After(absl::Minutes(59), offered.name()).state(), v1::CONSULT_STATE_OFFERED);
  EXPECT_EQ(After(absl::Minutes(1), offered.name()).state(), v1::CONSULT_STATE_EXPIRED);
}

TEST_P(EndingTest, OffersOfCareAtHomeEndToo) {
  triage_.assessment.set_level(triage::v1::LEVEL_SELF_CARE);
  triage_.assessment.clear_act_by_time();
  ASSERT_OK_AND_ASSIGN(const auto consult, Request());
  EXPECT_EQ(After(absl::Hours(6), consult.name()).state(), v1::CONSULT_STATE_EXPIRED);
}

TEST_P(EndingTest, WhoeverWasDeclinedKeepsThePlaceWhenOffersAreOver) {
  AddSlot("clinicians/omar", 100);
  *triage_.assessment.mutable_expire_time() = ToProtoTime(clock_.Now() + absl::Hours(1));
  ASSERT_OK_AND_ASSIGN(const auto booked, BookedAsBookingHasIt());
  ASSERT_THAT(Decline(booked.name()), IsOk());
  booking_.slots.pop_back();
  EXPECT_EQ(After(absl::Hours(99), booked.name()).state(), v1::CONSULT_STATE_OFFERED) << "on a new proof";
  AddSlot("clinicians/omar", 10);
  booking_.slots.erase(booking_.slots.begin(), booking_.slots.end() - 1);
  const v1::Consult again = After(absl::Hours(1), booked.name());
  EXPECT_EQ(again.state(), v1::CONSULT_STATE_OFFERED) << "other times";
  EXPECT_THAT(again.offers(), SizeIs(1));
  booking_.slots.clear();
  const v1::Consult left = After(absl::Hours(10), booked.name());
  EXPECT_EQ(left.state(), v1::CONSULT_STATE_ESCALATED) << "or the staff";
  EXPECT_THAT(alerts_.raised, SizeIs(1));
}

TEST_P(EndingTest, GoesRoundInNoCirclesWhereBookingOffersWhatIsOver) {
  ASSERT_OK_AND_ASSIGN(const auto booked, BookedAsBookingHasIt());
  ASSERT_THAT(Decline(booked.name()), IsOk());
  booking_.searches.clear();
  // Its clock is behind.
  EXPECT_EQ(After(absl::Hours(5), booked.name()).state(), v1::CONSULT_STATE_OFFERED);
  EXPECT_THAT(booking_.searches, SizeIs(1));
}

TEST_P(EndingTest, AVisitThatTookPlaceCompletesTheConsult) {
  ASSERT_OK_AND_ASSIGN(const auto booked, BookedAsBookingHasIt());
  EXPECT_EQ(After(absl::Minutes(149), booked.name()).state(), v1::CONSULT_STATE_BOOKED);
  EXPECT_THAT(UrgencyList(), SizeIs(1));
  booking_.appointment.set_state(booking::v1::APPOINTMENT_STATE_COMPLETED);
  EXPECT_EQ(After(absl::Minutes(1), booked.name()).state(), v1::CONSULT_STATE_COMPLETED);
  EXPECT_THAT(UrgencyList(), IsEmpty());
  EXPECT_THAT(Cancel(booked.name()), FailsWith(StatusCode::kFailedPrecondition, "CONSULT_OVER"));
}

TEST_P(EndingTest, AVisitThatThePatientMissedIsCalledThat) {
  ASSERT_OK_AND_ASSIGN(const auto booked, BookedAsBookingHasIt());
  booking_.appointment.set_state(booking::v1::APPOINTMENT_STATE_NO_SHOW);
  const v1::Consult missed = After(absl::Minutes(150), booked.name());
  EXPECT_EQ(missed.state(), v1::CONSULT_STATE_NO_SHOW);
  EXPECT_THAT(missed.guidance(), HasSubstr("ask for a new one"));
  EXPECT_THAT(Decline(booked.name()), FailsWith(StatusCode::kFailedPrecondition, "CONSULT_OVER"));
}

TEST_P(EndingTest, WhoeverReadsAConsultSeesAtOnceThatItsVisitIsOver) {
  ASSERT_OK_AND_ASSIGN(const auto booked, BookedAsBookingHasIt());
  booking_.appointment.set_state(booking::v1::APPOINTMENT_STATE_COMPLETED);
  EXPECT_EQ(Get(booked.name())->state(), v1::CONSULT_STATE_COMPLETED);
}

TEST_P(EndingTest, AVisitOfWhichNobodySaysWhatBecameIsOverAfterTwoHours) {
  ASSERT_OK_AND_ASSIGN(const auto booked, BookedAsBookingHasIt());
  booking_.appointment.set_state(booking::v1::APPOINTMENT_STATE_IN_VISIT);
  int asked = 0;
  booking_.on_get = [&] { ++asked; };
  EXPECT_EQ(After(absl::Minutes(150), booked.name()).state(), v1::CONSULT_STATE_BOOKED) << "it may go on for longer";
  EXPECT_EQ(After(absl::Minutes(14), booked.name()).state(), v1::CONSULT_STATE_BOOKED);
  EXPECT_EQ(asked, 1) << "not all the time";
  EXPECT_EQ(After(absl::Minutes(105), booked.name()).state(), v1::CONSULT_STATE_BOOKED);
  EXPECT_EQ(asked, 2);
  EXPECT_EQ(After(absl::Minutes(15), booked.name()).state(), v1::CONSULT_STATE_COMPLETED);
}

TEST_P(EndingTest, AVisitOfWhichBookingCannotSayStays) {
  ASSERT_OK_AND_ASSIGN(const auto booked, BookedAsBookingHasIt());
  booking_.visit = absl::UnavailableError("down");
  EXPECT_EQ(After(absl::Hours(24), booked.name()).state(), v1::CONSULT_STATE_BOOKED) << "it may have been moved";
  booking_.visit = absl::OkStatus();
  EXPECT_EQ(After(absl::Minutes(1), booked.name()).state(), v1::CONSULT_STATE_COMPLETED);
}

TEST_P(EndingTest, AVisitThatWasMovedIsAwaitedAnew) {
  ASSERT_OK_AND_ASSIGN(const auto booked, BookedAsBookingHasIt());
  auto& slot = *booking_.appointment.mutable_slot();
  *slot.mutable_start_time() = ToProtoTime(clock_.Now() + absl::Hours(30));
  *slot.mutable_end_time() = ToProtoTime(clock_.Now() + absl::Hours(31));
  const v1::Consult moved = After(absl::Minutes(150), booked.name());
  EXPECT_EQ(moved.state(), v1::CONSULT_STATE_BOOKED);
  EXPECT_EQ(moved.chosen_slot().start_time().seconds(), slot.start_time().seconds());
  booking_.appointment.set_state(booking::v1::APPOINTMENT_STATE_COMPLETED);
  EXPECT_EQ(After(absl::Hours(28), booked.name()).state(), v1::CONSULT_STATE_BOOKED);
  EXPECT_EQ(After(absl::Hours(1), booked.name()).state(), v1::CONSULT_STATE_COMPLETED);
}

TEST_P(EndingTest, AVisitThatWasCalledOffWithoutTheConsultCancelsIt) {
  ASSERT_OK_AND_ASSIGN(const auto booked, BookedAsBookingHasIt());
  booking_.appointment.set_state(booking::v1::APPOINTMENT_STATE_CANCELLED);
  EXPECT_EQ(After(absl::Minutes(150), booked.name()).state(), v1::CONSULT_STATE_CANCELLED);
}

// After an upgrade there may be thousands of old ones.
TEST_P(EndingTest, WhoeverIsBeingHelpedGoesBeforeWhatIsMerelyOver) {
  for (int i = 0; i < 4; ++i) ASSERT_THAT(Request(store::NewUuid()), IsOk());
  booking_.search = absl::UnavailableError("down");
  ASSERT_OK_AND_ASSIGN(const auto waiting, Request(store::NewUuid()));
  booking_.search = absl::OkStatus();
  clock_.Advance(absl::Hours(6));
  booking_.slots.clear();
  AddSlot("clinicians/omar", 5);
  EXPECT_THAT(saga_.ResumeUnfinished(1), IsOkAndHolds(1));
  EXPECT_EQ(Stored(waiting.name()).state(), v1::CONSULT_STATE_OFFERED);
  EXPECT_THAT(saga_.ResumeUnfinished(10), IsOkAndHolds(4));
}

INSTANTIATE_TEST_SUITE_P(EveryEngine, EndingTest, testing::ValuesIn(store::Engines()), store::EngineName());

}  // namespace
}  // namespace lumbar::gateway
