// What becomes of a confirmed hold.
#include "services/booking/testing/booking_test.h"

namespace lumbar::booking {
namespace {

using absl::StatusCode;

class AppointmentTest : public BookingTest {
 protected:
  absl::StatusOr<v1::ListAppointmentsResponse> List(const v1::ListAppointmentsRequest& request) {
    return visits_->ListAppointments(rpc::TestContext(options::v1::ROLE_STAFF, "staff/1", request), request);
  }
};
INSTANTIATE_TEST_SUITE_P(EveryEngine, AppointmentTest, testing::ValuesIn(store::Engines()), store::EngineName());

TEST_P(AppointmentTest, KeepsWhatTheHoldSaid) {
  const v1::Appointment booked = Book(nine_);
  EXPECT_EQ(booked.state(), v1::APPOINTMENT_STATE_BOOKED);
  EXPECT_EQ(booked.version(), 1);
  EXPECT_EQ(booked.contact().email(), "ana@example.org");
  EXPECT_EQ(FromProto(booked.slot().start_time()), nine_);
  ASSERT_OK_AND_ASSIGN(const auto read, Get(booked.name()));
  EXPECT_EQ(read.appointment().SerializeAsString(), booked.SerializeAsString());
}

TEST_P(AppointmentTest, KeepsItsTimeForGood) {
  Book(nine_);
  clock_.Advance(absl::Minutes(30));
  EXPECT_THAT(Create(Wanted(nine_)), FailsWith(StatusCode::kAlreadyExists, "SLOT_TAKEN"));
}

TEST_P(AppointmentTest, FreesItsTimeWhenCancelled) {
  const v1::Appointment booked = Book(nine_);
  ASSERT_OK_AND_ASSIGN(const auto cancelled, Cancel(booked.name(), booked.etag()));
  EXPECT_EQ(cancelled.appointment().state(), v1::APPOINTMENT_STATE_CANCELLED);
  EXPECT_EQ(cancelled.appointment().version(), 2);
  EXPECT_NE(cancelled.appointment().etag(), booked.etag());
  Book(nine_);
}

TEST_P(AppointmentTest, IsCancelledOnce) {
  const v1::Appointment booked = Book(nine_);
  ASSERT_THAT(Cancel(booked.name()), IsOk());
  EXPECT_THAT(Cancel(booked.name()), FailsWith(StatusCode::kFailedPrecondition, "NOT_BOOKED"));
}

TEST_P(AppointmentTest, CancelsNoVisitThatIsOver) {
  const v1::Appointment booked = Book(nine_);
  clock_.Set(nine_ + absl::Minutes(30));
  EXPECT_THAT(Cancel(booked.name()), FailsWith(StatusCode::kFailedPrecondition, "NOT_BOOKED"));
}

TEST_P(AppointmentTest, CancelsNoOtherVersionThanTheOneMeant) {
  const v1::Appointment booked = Book(nine_);
  EXPECT_THAT(Cancel(booked.name(), "v7"), FailsWith(StatusCode::kAborted, "ETAG_MISMATCH"));
  EXPECT_THAT(Cancel(booked.name(), booked.etag()), IsOk());
}

TEST_P(AppointmentTest, IsNobodyElsesToSeeOrCancel) {
  const v1::Appointment booked = Book(nine_);
  EXPECT_THAT(Get(booked.name(), "patients/18"), FailsWith(StatusCode::kPermissionDenied, "NOT_YOURS"));
  EXPECT_THAT(Cancel(booked.name(), "", "patients/18"), FailsWith(StatusCode::kPermissionDenied, "NOT_YOURS"));
  EXPECT_THAT(Get(store::NewName("appointments")), FailsWith(StatusCode::kNotFound, "APPOINTMENT_NOT_FOUND"));
}

TEST_P(AppointmentTest, TellsEachChangeOnce) {
  const v1::Appointment booked = Book(nine_);
  EXPECT_EQ(changes_, 1);
  ASSERT_OK_AND_ASSIGN(const auto cancelled, Cancel(booked.name()));
  EXPECT_EQ(changes_, 2);
  const auto events = Events();
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].appointment().SerializeAsString(), booked.SerializeAsString());
  EXPECT_EQ(events[1].appointment().SerializeAsString(), cancelled.appointment().SerializeAsString());
  EXPECT_NE(events[0].event_id(), events[1].event_id());
}

TEST_P(AppointmentTest, TellsNothingOfWhatFailedOrWasRepeated) {
  v1::ConfirmHoldRequest request;
  request.set_request_id(store::NewUuid());
  request.set_name(Hold(nine_));
  const auto confirm = [&] {
    return scheduler_->ConfirmHold(rpc::TestContext(options::v1::ROLE_PATIENT, kPatient, request), request);
  };
  ASSERT_OK_AND_ASSIGN(const auto first, confirm());
  clock_.Advance(absl::Hours(5));
  ASSERT_OK_AND_ASSIGN(const auto second, confirm());
  EXPECT_EQ(first.SerializeAsString(), second.SerializeAsString());
  EXPECT_THAT(Cancel(first.appointment().name()), FailsWith(StatusCode::kFailedPrecondition, "NOT_BOOKED"));
  EXPECT_EQ(Events().size(), 1u);
}

TEST_P(AppointmentTest, AreListedByBeginInPages) {
  const std::string second = Book(nine_ + absl::Hours(2)).name(), first = Book(nine_).name(),
                    third = Book(nine_ + absl::Hours(4)).name();
  v1::ListAppointmentsRequest request;
  request.set_patient(kPatient);
  request.set_page_size(2);
  ASSERT_OK_AND_ASSIGN(auto page, List(request));
  ASSERT_EQ(page.appointments_size(), 2);
  EXPECT_EQ(page.appointments(0).name(), first);
  EXPECT_EQ(page.appointments(1).name(), second);
  request.set_page_token(page.next_page_token());
  ASSERT_OK_AND_ASSIGN(page, List(request));
  ASSERT_EQ(page.appointments_size(), 1);
  EXPECT_EQ(page.appointments(0).name(), third);
  EXPECT_EQ(page.next_page_token(), "");
  request.set_patient("patients/18");
  EXPECT_THAT(List(request), FailsWith(StatusCode::kInvalidArgument, "INVALID_PAGE_TOKEN"));
}

TEST_P(AppointmentTest, AreListedByPatientAndByClinician) {
  Book(nine_);
  v1::ListAppointmentsRequest request;
  ASSERT_OK_AND_ASSIGN(auto page, List(request));
  EXPECT_EQ(page.appointments_size(), 1);
  request.set_clinician(kClinician);
  ASSERT_OK_AND_ASSIGN(page, List(request));
  EXPECT_EQ(page.appointments_size(), 1);
  request.set_patient("patients/18");
  ASSERT_OK_AND_ASSIGN(page, List(request));
  EXPECT_EQ(page.appointments_size(), 0);
}

}  // namespace
}  // namespace lumbar::booking
