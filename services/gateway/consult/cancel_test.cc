// How a consult is called off, by whom, and in whichever order its visit and it are.
#include "common/status/errors.h"
#include "common/store/resource_name.h"
#include "services/gateway/consult/testing/consult_desk_fixture.h"

namespace lumbar::gateway {
namespace {

namespace v1 = consult::v1;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class CancelTest : public ConsultDeskTest {
 protected:
  absl::StatusOr<v1::Consult> CancelByStaff(const std::string& name) {
    v1::CancelConsultRequest request;
    request.set_request_id(store::NewUuid());
    request.set_name(name);
    auto response = desk_.CancelConsult(rpc::TestContext(options::v1::ROLE_STAFF, "staff/ann", request), request);
    if (!response.ok()) return response.status();
    return response->consult();
  }
  // Booking calls the visit off, and then something else happens before the desk goes on.
  void CallOffAndThen(std::function<void()> then) {
    booking_.cancel = [this, then = std::move(then)] {
      booking_.appointment.set_state(booking::v1::APPOINTMENT_STATE_CANCELLED);
      then();
      return absl::OkStatus();
    };
  }
  // The staff has it: its time couldn't be booked for an hour, as far as anybody knows.
  v1::Consult BookingStuck() {
    booking_.confirm = absl::UnavailableError("down");
    const std::string name = Booked()->name();
    clock_.Advance(kBookingPatience);
    EXPECT_THAT(saga_.ResumeUnfinished(1), IsOkAndHolds(1));
    booking_.confirm = absl::OkStatus();
    return Stored(name);
  }
};

TEST_P(CancelTest, CancelsTheVisitWithTheConsult) {
  ASSERT_OK_AND_ASSIGN(const auto booked, Booked());
  ASSERT_OK_AND_ASSIGN(const auto cancelled, Cancel(booked.name()));
  EXPECT_EQ(cancelled.state(), v1::CONSULT_STATE_CANCELLED);
  EXPECT_THAT(booking_.cancelled, ElementsAre("appointments/1"));
  // The retry of a client that never saw the answer.
  ASSERT_OK_AND_ASSIGN(const auto again, Cancel(booked.name()));
  EXPECT_EQ(again.etag(), cancelled.etag());
}

TEST_P(CancelTest, CallsAVisitOffForWhoeverAsks) {
  ASSERT_OK_AND_ASSIGN(const auto by_patient, Booked());
  ASSERT_THAT(Cancel(by_patient.name()), IsOk());
  EXPECT_FALSE(booking_.cancels[0].by_practice());
  ASSERT_OK_AND_ASSIGN(const auto offered, Request(store::NewUuid()));
  ASSERT_OK_AND_ASSIGN(const auto by_staff, Choose(offered, "patients/17", store::NewUuid()));
  v1::CancelConsultRequest request;
  request.set_request_id(store::NewUuid());
  request.set_name(by_staff.name());
  ASSERT_THAT(desk_.CancelConsult(rpc::TestContext(options::v1::ROLE_STAFF, "staff/ann", request), request), IsOk());
  EXPECT_TRUE(booking_.cancels[1].by_practice()) << "else the patient may owe a fee";
}

TEST_P(CancelTest, CancelsNothingThatChangedMeanwhile) {
  ASSERT_OK_AND_ASSIGN(const auto booked, Booked());
  booking_.cancel = [&] { return cases_.Save(*cases_.Find(booked.name())).status(); };
  EXPECT_THAT(Cancel(booked.name()), FailsWith(absl::StatusCode::kAborted, "CHANGED_MEANWHILE"));
  EXPECT_EQ(Stored(booked.name()).state(), v1::CONSULT_STATE_BOOKED);
}

TEST_P(CancelTest, CancelsAConsultWhoseVisitWasCalledOffButNotOneWhoseVisitIsOver) {
  ASSERT_OK_AND_ASSIGN(const auto booked, Booked());
  booking_.cancel = [] { return WithReason(absl::FailedPreconditionError("over"), "NOT_BOOKED"); };
  booking_.appointment.set_state(booking::v1::APPOINTMENT_STATE_COMPLETED);
  EXPECT_THAT(Cancel(booked.name()), FailsWith(absl::StatusCode::kFailedPrecondition, "CONSULT_OVER"));
  EXPECT_EQ(Stored(booked.name()).state(), v1::CONSULT_STATE_BOOKED);
  booking_.appointment.set_state(booking::v1::APPOINTMENT_STATE_CANCELLED);
  ASSERT_OK_AND_ASSIGN(const auto cancelled, Cancel(booked.name()));
  EXPECT_EQ(cancelled.state(), v1::CONSULT_STATE_CANCELLED);
}

TEST_P(CancelTest, AReaderWhoComesInBetweenDoesntMakeACancellationFail) {
  ASSERT_OK_AND_ASSIGN(const auto booked, BookedAsBookingHasIt());
  CallOffAndThen([&] { EXPECT_EQ(Get(booked.name())->state(), v1::CONSULT_STATE_CANCELLED); });
  ASSERT_OK_AND_ASSIGN(const auto cancelled, Cancel(booked.name()));
  EXPECT_EQ(cancelled.state(), v1::CONSULT_STATE_CANCELLED);
  ASSERT_OK_AND_ASSIGN(const auto again, Cancel(booked.name()));
  EXPECT_EQ(again.SerializeAsString(), cancelled.SerializeAsString());
  EXPECT_THAT(booking_.cancels, SizeIs(1));
}

TEST_P(CancelTest, ARepeatAfterADeathFinishesWhatWasBegun) {
  ASSERT_OK_AND_ASSIGN(const auto booked, BookedAsBookingHasIt());
  booking_.appointment.set_state(booking::v1::APPOINTMENT_STATE_CANCELLED);
  ASSERT_OK_AND_ASSIGN(const auto cancelled, Cancel(booked.name()));
  EXPECT_EQ(cancelled.state(), v1::CONSULT_STATE_CANCELLED);
}

TEST_P(CancelTest, ARepeatAfterADeathAndAReaderIsAnsweredAsItsFirstTryWouldHaveBeen) {
  ASSERT_OK_AND_ASSIGN(const auto booked, BookedAsBookingHasIt());
  booking_.appointment.set_state(booking::v1::APPOINTMENT_STATE_CANCELLED);
  ASSERT_OK_AND_ASSIGN(const auto seen, Get(booked.name()));
  ASSERT_OK_AND_ASSIGN(const auto cancelled, Cancel(booked.name()));
  EXPECT_EQ(cancelled.SerializeAsString(), seen.SerializeAsString());
  ASSERT_OK_AND_ASSIGN(const auto again, Cancel(booked.name()));
  EXPECT_EQ(again.SerializeAsString(), cancelled.SerializeAsString());
}

TEST_P(CancelTest, TwoWhoCallItOffAreBothRight) {
  ASSERT_OK_AND_ASSIGN(const auto booked, BookedAsBookingHasIt());
  CallOffAndThen([&] {
    booking_.cancel = [] { return WithReason(absl::FailedPreconditionError("called off"), "NOT_BOOKED"); };
    EXPECT_THAT(CancelByStaff(booked.name()), IsOk());
  });
  ASSERT_OK_AND_ASSIGN(const auto cancelled, Cancel(booked.name()));
  EXPECT_EQ(cancelled.state(), v1::CONSULT_STATE_CANCELLED);
  ASSERT_OK_AND_ASSIGN(const auto later, CancelByStaff(booked.name()));
  EXPECT_EQ(later.etag(), cancelled.etag()) << "nothing changes any more";
}

TEST_P(CancelTest, CallsAVisitOffThatWasBookedWithoutAnybodyKnowing) {
  const v1::Consult stuck = BookingStuck();
  ASSERT_EQ(stuck.escalation_reason(), "BOOKING_STUCK");
  ASSERT_THAT(stuck.appointment(), IsEmpty());
  booking_.release = [] { return WithReason(absl::FailedPreconditionError("booked"), "HOLD_CONFIRMED"); };
  ASSERT_OK_AND_ASSIGN(const auto cancelled, Cancel(stuck.name()));
  EXPECT_EQ(cancelled.state(), v1::CONSULT_STATE_CANCELLED);
  EXPECT_EQ(cancelled.appointment(), "appointments/1");
  ASSERT_THAT(booking_.cancelled, ElementsAre("appointments/1"));
  EXPECT_TRUE(booking_.cancels[0].by_practice()) << "the patient never heard of it";
  EXPECT_EQ(booking_.holds.front().SerializeAsString(), booking_.holds.back().SerializeAsString());
  EXPECT_EQ(booking_.confirms.front().SerializeAsString(), booking_.confirms.back().SerializeAsString());
}

TEST_P(CancelTest, GivesATimeBackThatWasHeldAndNeverBooked) {
  const v1::Consult stuck = BookingStuck();
  ASSERT_THAT(Cancel(stuck.name()), IsOk());
  ASSERT_THAT(booking_.releases, SizeIs(1));
  EXPECT_EQ(booking_.releases[0].name(), "holds/" + booking_.holds[0].request_id());
  EXPECT_EQ(booking_.releases[0].request_id(), "33333333-0000-4000-8000-000000000000");
  EXPECT_THAT(booking_.cancels, IsEmpty());
}

TEST_P(CancelTest, CallsNothingOffWhileBookingCantSayWhatCameOfTheTime) {
  const v1::Consult stuck = BookingStuck();
  booking_.hold = absl::UnavailableError("down");
  EXPECT_THAT(Cancel(stuck.name()), FailsWith(absl::StatusCode::kUnavailable, ""));
  EXPECT_EQ(Stored(stuck.name()).state(), v1::CONSULT_STATE_ESCALATED);
  // It refuses what it never had.
  booking_.hold = WithReason(absl::FailedPreconditionError("too old"), "ASSESSMENT_EXPIRED");
  EXPECT_THAT(Cancel(stuck.name()), IsOk());
  EXPECT_THAT(booking_.cancels, IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(EveryEngine, CancelTest, testing::ValuesIn(store::Engines()), store::EngineName());

}  // namespace
}  // namespace lumbar::gateway
