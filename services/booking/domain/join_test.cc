// Who gets into a visit, when, and from where.
#include <absl/strings/str_cat.h>

#include "common/status/macros.h"
#include "services/booking/domain/lifecycle.h"
#include "services/booking/testing/booking_test.h"

namespace lumbar::booking {
namespace {

using absl::StatusCode;
using options::v1::Role;

class ScriptedRooms final : public VideoRooms {
 public:
  std::string JoinUri(const RoomPass& pass) const override {
    return absl::StrCat(pass.display_name, " ", pass.leads ? "leads " : "", absl::ToUnixSeconds(pass.opens), " ",
                        absl::ToUnixSeconds(pass.closes));
  }
};

class JoinTest : public BookingTest {
 protected:
  const VideoRooms* rooms() const override { return &scripted_; }

  static v1::JoinAppointmentRequest Into(const v1::Appointment& booked, const std::string& state = "NY") {
    v1::JoinAppointmentRequest request;
    request.set_request_id(store::NewUuid());
    request.set_name(booked.name());
    request.set_patient_state(state);
    return request;
  }
  absl::StatusOr<std::string> Join(const v1::JoinAppointmentRequest& request, const std::string& subject = kPatient) {
    const Role role = subject.rfind("patients/", 0) == 0 ? options::v1::ROLE_PATIENT : options::v1::ROLE_CLINICIAN;
    LUMBAR_ASSIGN_OR_RETURN(const auto response,
                            visits_->JoinAppointment(rpc::TestContext(role, subject, request), request));
    return response.join_uri();
  }
  v1::Appointment Now(const v1::Appointment& booked) { return Get(booked.name()).value().appointment(); }

  ScriptedRooms scripted_;
};
INSTANTIATE_TEST_SUITE_P(EveryEngine, JoinTest, testing::ValuesIn(store::Engines()), store::EngineName());

TEST_P(JoinTest, OpensTheRoomAQuarterOfAnHourBeforeAndClosesItAsLongAfter) {
  const v1::Appointment booked = Book(nine_);
  clock_.Set(nine_ - absl::Minutes(15) - absl::Microseconds(1));
  EXPECT_THAT(Join(Into(booked)), FailsWith(StatusCode::kFailedPrecondition, "TOO_EARLY"));
  clock_.Set(nine_ - absl::Minutes(15));
  ASSERT_OK_AND_ASSIGN(const std::string uri, Join(Into(booked)));
  const int64_t nine = absl::ToUnixSeconds(nine_);
  EXPECT_EQ(uri, absl::StrCat("Patient ", nine - 15 * 60, " ", nine + 45 * 60));
  clock_.Set(nine_ + absl::Minutes(45) - absl::Microseconds(1));
  EXPECT_THAT(Join(Into(booked)), IsOk());
  clock_.Set(nine_ + absl::Minutes(45));
  EXPECT_THAT(Join(Into(booked)), FailsWith(StatusCode::kFailedPrecondition, "NOT_BOOKED"));
}

TEST_P(JoinTest, SaysOnceThatThePatientIsInTheVisit) {
  const v1::Appointment booked = Book(nine_);
  clock_.Set(nine_);
  ASSERT_THAT(Join(Into(booked), kClinician), IsOk());
  EXPECT_EQ(Now(booked).state(), v1::APPOINTMENT_STATE_BOOKED) << "the clinician waits alone";
  ASSERT_THAT(Join(Into(booked)), IsOk());
  EXPECT_EQ(Now(booked).state(), v1::APPOINTMENT_STATE_IN_VISIT);
  ASSERT_THAT(Join(Into(booked)), IsOk()) << "the connection broke";
  ASSERT_THAT(Join(Into(booked), kClinician), IsOk());
  EXPECT_EQ(Now(booked).version(), 2);
  EXPECT_EQ(Events().size(), 2u);
  EXPECT_THAT(Cancel(booked.name()), FailsWith(StatusCode::kFailedPrecondition, "NOT_BOOKED"));
}

TEST_P(JoinTest, ChecksInWhoeverHasNot) {
  const v1::Appointment booked = Book(nine_), early = Book(nine_ + absl::Minutes(40));
  v1::CheckInAppointmentRequest check_in;
  check_in.set_request_id(store::NewUuid());
  check_in.set_name(early.name());
  clock_.Set(nine_);
  const auto context = rpc::TestContext(options::v1::ROLE_PATIENT, kPatient, check_in);
  ASSERT_THAT(visits_->CheckInAppointment(context, check_in), IsOk());
  ASSERT_THAT(Join(Into(booked)), IsOk());
  EXPECT_EQ(FromProto(Now(booked).check_in_time()), nine_);
  clock_.Set(nine_ + absl::Minutes(40));
  ASSERT_THAT(Join(Into(early)), IsOk());
  EXPECT_EQ(Now(early).state(), v1::APPOINTMENT_STATE_IN_VISIT);
  EXPECT_EQ(FromProto(Now(early).check_in_time()), nine_) << "when the patient was first there";
  check_in.set_request_id(store::NewUuid());
  const auto again = rpc::TestContext(options::v1::ROLE_PATIENT, kPatient, check_in);
  ASSERT_OK_AND_ASSIGN(const auto response, visits_->CheckInAppointment(again, check_in));
  EXPECT_EQ(response.appointment().state(), v1::APPOINTMENT_STATE_IN_VISIT);
}

TEST_P(JoinTest, ChecksTheLicenceWhereThePatientIsNow) {
  const v1::Appointment booked = Book(nine_);
  clock_.Set(nine_);
  EXPECT_THAT(Join(Into(booked, "NJ")), FailsWith(StatusCode::kFailedPrecondition, "NOT_ELIGIBLE"));
  EXPECT_THAT(Join(Into(booked, "NJ"), kClinician), FailsWith(StatusCode::kFailedPrecondition, "NOT_ELIGIBLE"));
  EXPECT_EQ(Now(booked).state(), v1::APPOINTMENT_STATE_BOOKED);

  v1::UpdateClinicianRequest update;
  update.set_request_id(store::NewUuid());
  update.set_name(kClinician);
  *update.mutable_clinician() = SampleClinician();
  update.mutable_clinician()->mutable_licences(0)->set_status(v1::LICENCE_STATUS_SUSPENDED);
  ASSERT_THAT(roster_.UpdateClinician(rpc::TestContext(options::v1::ROLE_STAFF, "staff/1", update), update), IsOk());
  EXPECT_THAT(Join(Into(booked)), FailsWith(StatusCode::kFailedPrecondition, "NOT_ELIGIBLE")) << "suspended since";
}

TEST_P(JoinTest, IsForThePatientAndTheClinicianOfTheVisitAlone) {
  const v1::Appointment booked = Book(nine_);
  clock_.Set(nine_);
  EXPECT_THAT(Join(Into(booked), "patients/18"), FailsWith(StatusCode::kPermissionDenied, "NOT_YOURS"));
  EXPECT_THAT(Join(Into(booked), "clinicians/omar-diaz"), FailsWith(StatusCode::kPermissionDenied, "NOT_YOURS"));
  ASSERT_OK_AND_ASSIGN(const std::string uri, Join(Into(booked), kClinician));
  EXPECT_THAT(uri, testing::StartsWith("Maya Chen, DO leads "));
}

TEST_P(JoinTest, AnswersARepeatAlike) {
  const v1::Appointment booked = Book(nine_);
  clock_.Set(nine_);
  const auto request = Into(booked);
  ASSERT_OK_AND_ASSIGN(const std::string first, Join(request));
  clock_.Advance(absl::Hours(2));
  ASSERT_OK_AND_ASSIGN(const std::string second, Join(request));
  EXPECT_EQ(first, second);
}

TEST_P(JoinTest, LetsNobodyIntoWhatIsOver) {
  const v1::Appointment booked = Book(nine_);
  ASSERT_THAT(Cancel(booked.name()), IsOk());
  clock_.Set(nine_);
  EXPECT_THAT(Join(Into(booked)), FailsWith(StatusCode::kFailedPrecondition, "NOT_BOOKED"));
}

class NoRoomsTest : public JoinTest {
 protected:
  const VideoRooms* rooms() const override { return nullptr; }
};
INSTANTIATE_TEST_SUITE_P(EveryEngine, NoRoomsTest, testing::ValuesIn(store::Engines()), store::EngineName());

TEST_P(NoRoomsTest, SaySoAndChangeNothing) {
  const v1::Appointment booked = Book(nine_);
  clock_.Set(nine_);
  EXPECT_THAT(Join(Into(booked)), FailsWith(StatusCode::kFailedPrecondition, "VIDEO_NOT_CONFIGURED"));
  EXPECT_EQ(Now(booked).state(), v1::APPOINTMENT_STATE_BOOKED);
}

}  // namespace
}  // namespace lumbar::booking
