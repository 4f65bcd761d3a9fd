// Who says that the patient is there, and when.
#include "common/status/macros.h"
#include "services/booking/domain/lifecycle.h"
#include "services/booking/testing/booking_test.h"

namespace lumbar::booking {
namespace {

using absl::StatusCode;

class CheckInTest : public BookingTest {
 protected:
  static v1::CheckInAppointmentRequest For(const v1::Appointment& booked) {
    v1::CheckInAppointmentRequest request;
    request.set_request_id(store::NewUuid());
    request.set_name(booked.name());
    return request;
  }
  absl::StatusOr<v1::Appointment> CheckIn(const v1::CheckInAppointmentRequest& request,
                                          const std::string& subject = kPatient) {
    const bool patient = subject.rfind("patients/", 0) == 0;
    const auto role = patient ? options::v1::ROLE_PATIENT : options::v1::ROLE_STAFF;
    LUMBAR_ASSIGN_OR_RETURN(const auto response,
                            visits_->CheckInAppointment(rpc::TestContext(role, subject, request), request));
    return response.appointment();
  }
};
INSTANTIATE_TEST_SUITE_P(EveryEngine, CheckInTest, testing::ValuesIn(store::Engines()), store::EngineName());

TEST_P(CheckInTest, IsOpenFromAnHourBeforeTheBeginUntilTheEnd) {
  clock_.Set(nine_ - absl::Hours(2));
  const v1::Appointment booked = Book(nine_), other = Book(nine_ + absl::Minutes(40));
  clock_.Set(nine_ - absl::Minutes(60) - absl::Microseconds(1));
  EXPECT_THAT(CheckIn(For(booked)), FailsWith(StatusCode::kFailedPrecondition, "TOO_EARLY"));
  clock_.Set(nine_ - absl::Minutes(60));
  ASSERT_OK_AND_ASSIGN(const v1::Appointment after, CheckIn(For(booked)));
  EXPECT_EQ(after.state(), v1::APPOINTMENT_STATE_CHECKED_IN);
  EXPECT_EQ(FromProto(after.check_in_time()), clock_.Now());
  EXPECT_EQ(after.version(), 2);
  const absl::Time end = nine_ + absl::Minutes(70);
  clock_.Set(end);
  EXPECT_THAT(CheckIn(For(other)), FailsWith(StatusCode::kFailedPrecondition, "NOT_BOOKED"));
  clock_.Set(end - absl::Microseconds(1));
  EXPECT_THAT(CheckIn(For(other)), IsOk());
}

TEST_P(CheckInTest, IsToldOnceHoweverOftenItIsSaid) {
  const v1::Appointment booked = Book(nine_);
  Events();
  clock_.Set(nine_ - absl::Minutes(30));
  const auto request = For(booked);
  ASSERT_OK_AND_ASSIGN(const v1::Appointment first, CheckIn(request));
  clock_.Advance(absl::Minutes(1));
  ASSERT_OK_AND_ASSIGN(const v1::Appointment repeated, CheckIn(request));
  ASSERT_OK_AND_ASSIGN(const v1::Appointment again, CheckIn(For(booked), "staff/1"));
  EXPECT_EQ(repeated.SerializeAsString(), first.SerializeAsString());
  EXPECT_EQ(again.SerializeAsString(), first.SerializeAsString()) << "when the patient was first there";
  const auto events = Events();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].appointment().SerializeAsString(), first.SerializeAsString());
}

TEST_P(CheckInTest, IsNobodyElsesAndOfNoOtherVersionThanTheOneMeant) {
  const v1::Appointment booked = Book(nine_);
  clock_.Set(nine_);
  auto request = For(booked);
  EXPECT_THAT(CheckIn(request, "patients/18"), FailsWith(StatusCode::kPermissionDenied, "NOT_YOURS"));
  request.set_etag("v7");
  EXPECT_THAT(CheckIn(request), FailsWith(StatusCode::kAborted, "ETAG_MISMATCH"));
  request.set_etag(booked.etag());
  EXPECT_THAT(CheckIn(request), IsOk());
  request = For(booked);
  request.set_name(store::NewName("appointments"));
  EXPECT_THAT(CheckIn(request), FailsWith(StatusCode::kNotFound, "APPOINTMENT_NOT_FOUND"));
}

TEST_P(CheckInTest, IsNotForWhatWasCalledOff) {
  const v1::Appointment booked = Book(nine_);
  ASSERT_THAT(Cancel(booked.name()), IsOk());
  clock_.Set(nine_);
  EXPECT_THAT(CheckIn(For(booked)), FailsWith(StatusCode::kFailedPrecondition, "NOT_BOOKED"));
}

TEST_P(CheckInTest, DoesNotBindAPatientWhoLeavesAgain) {
  const v1::Appointment booked = Book(nine_), other = Book(nine_ + absl::Minutes(40));
  clock_.Set(nine_ - absl::Minutes(20));
  ASSERT_THAT(CheckIn(For(booked)), IsOk());
  ASSERT_THAT(CheckIn(For(other)), IsOk());
  v1::RescheduleAppointmentRequest move;
  move.set_request_id(store::NewUuid());
  move.set_name(booked.name());
  *move.mutable_start_time() = ToProtoTime(nine_ + absl::Minutes(80));
  const auto context = rpc::TestContext(options::v1::ROLE_PATIENT, kPatient, move);
  ASSERT_OK_AND_ASSIGN(const auto moved, visits_->RescheduleAppointment(context, move));
  EXPECT_EQ(moved.appointment().state(), v1::APPOINTMENT_STATE_BOOKED);
  EXPECT_FALSE(moved.appointment().has_check_in_time()) << "not there yet for the new time";
  ASSERT_OK_AND_ASSIGN(const auto cancelled, Cancel(other.name()));
  EXPECT_EQ(cancelled.appointment().state(), v1::APPOINTMENT_STATE_CANCELLED);
}

}  // namespace
}  // namespace lumbar::booking
