// How a visit ends: done, missed, or called off, and what that costs.
#include "common/status/macros.h"
#include "services/booking/testing/booking_test.h"

namespace lumbar::booking {
namespace {

using absl::StatusCode;
using options::v1::Role;

class ConclusionTest : public BookingTest {
 protected:
  template <typename Request>
  static Request About(const v1::Appointment& booked, const std::string& etag = "") {
    Request request;
    request.set_request_id(store::NewUuid());
    request.set_name(booked.name());
    request.set_etag(etag);
    return request;
  }
  absl::StatusOr<v1::Appointment> Complete(const v1::CompleteAppointmentRequest& request,
                                           const std::string& clinician = kClinician) {
    const auto context = rpc::TestContext(options::v1::ROLE_CLINICIAN, clinician, request);
    LUMBAR_ASSIGN_OR_RETURN(const auto response, visits_->CompleteAppointment(context, request));
    return response.appointment();
  }
  absl::StatusOr<v1::Appointment> Complete(const v1::Appointment& booked, const std::string& etag = "") {
    return Complete(About<v1::CompleteAppointmentRequest>(booked, etag));
  }
  absl::StatusOr<v1::Appointment> Miss(const v1::Appointment& booked, const std::string& etag = "",
                                       Role role = options::v1::ROLE_STAFF, const std::string& subject = "staff/1") {
    const auto request = About<v1::MarkNoShowRequest>(booked, etag);
    const auto context = rpc::TestContext(role, subject, request);
    LUMBAR_ASSIGN_OR_RETURN(const auto response, visits_->MarkNoShow(context, request));
    return response.appointment();
  }
  absl::StatusOr<v1::Cancellation> CallOff(const v1::Appointment& booked, const std::string& assessment = "",
                                           Role role = options::v1::ROLE_PATIENT, bool by_practice = false,
                                           const std::string& clinician = kClinician) {
    auto request = About<v1::CancelAppointmentRequest>(booked);
    request.set_signed_assessment(assessment);
    request.set_by_practice(by_practice);
    const std::string subject = role == options::v1::ROLE_PATIENT     ? kPatient
                                : role == options::v1::ROLE_CLINICIAN ? clinician
                                                                      : "staff/1";
    const auto context = rpc::TestContext(role, subject, request);
    LUMBAR_ASSIGN_OR_RETURN(const auto response, visits_->CancelAppointment(context, request));
    return response.appointment().cancellation();
  }
};
INSTANTIATE_TEST_SUITE_P(EveryEngine, ConclusionTest, testing::ValuesIn(store::Engines()), store::EngineName());

TEST_P(ConclusionTest, IsDoneFromTheBeginOfTheVisitOn) {
  const v1::Appointment booked = Book(nine_);
  clock_.Set(nine_ - absl::Microseconds(1));
  EXPECT_THAT(Complete(booked), FailsWith(StatusCode::kFailedPrecondition, "TOO_EARLY"));
  clock_.Set(nine_);
  EXPECT_THAT(Complete(booked, "v7"), FailsWith(StatusCode::kAborted, "ETAG_MISMATCH"));
  const auto request = About<v1::CompleteAppointmentRequest>(booked, booked.etag());
  ASSERT_OK_AND_ASSIGN(const v1::Appointment done, Complete(request));
  EXPECT_EQ(done.state(), v1::APPOINTMENT_STATE_COMPLETED);
  EXPECT_EQ(done.version(), 2);
  ASSERT_OK_AND_ASSIGN(const v1::Appointment again, Complete(request));
  EXPECT_EQ(again.SerializeAsString(), done.SerializeAsString());
  EXPECT_THAT(Complete(booked), FailsWith(StatusCode::kFailedPrecondition, "NOT_BOOKED"));
  EXPECT_EQ(Events().size(), 2u);
}

TEST_P(ConclusionTest, CanStillBeDoneDaysLater) {
  const v1::Appointment booked = Book(nine_);
  clock_.Advance(absl::Hours(24 * 5));
  EXPECT_THAT(Complete(booked), IsOk());
}

TEST_P(ConclusionTest, IsMissedOnlyOnceThePatientHadTenMinutes) {
  const v1::Appointment booked = Book(nine_);
  clock_.Set(nine_ + absl::Minutes(10) - absl::Microseconds(1));
  EXPECT_THAT(Miss(booked), FailsWith(StatusCode::kFailedPrecondition, "TOO_EARLY"));
  clock_.Set(nine_ + absl::Minutes(10));
  EXPECT_THAT(Miss(booked, "v7"), FailsWith(StatusCode::kAborted, "ETAG_MISMATCH"));
  ASSERT_OK_AND_ASSIGN(const v1::Appointment missed, Miss(booked));
  EXPECT_EQ(missed.state(), v1::APPOINTMENT_STATE_NO_SHOW);
  EXPECT_THAT(Complete(booked), FailsWith(StatusCode::kFailedPrecondition, "NOT_BOOKED"));
  EXPECT_THAT(CallOff(booked), FailsWith(StatusCode::kFailedPrecondition, "NOT_BOOKED"));
}

TEST_P(ConclusionTest, IsNeitherDoneNorMissedOnceCalledOff) {
  const v1::Appointment booked = Book(nine_);
  ASSERT_THAT(CallOff(booked), IsOk());
  clock_.Set(nine_ + absl::Hours(1));
  EXPECT_THAT(Complete(booked), FailsWith(StatusCode::kFailedPrecondition, "NOT_BOOKED"));
  EXPECT_THAT(Miss(booked), FailsWith(StatusCode::kFailedPrecondition, "NOT_BOOKED"));
}

TEST_P(ConclusionTest, IsCalledOffForFreeADayBeforeAndNotLater) {
  const v1::Appointment early = Book(nine_ + absl::Hours(48)), late = Book(nine_ + absl::Hours(72));
  clock_.Set(nine_ + absl::Hours(24));
  ASSERT_OK_AND_ASSIGN(v1::Cancellation cancellation, CallOff(early));
  EXPECT_FALSE(cancellation.late());
  EXPECT_FALSE(cancellation.fee_due());
  clock_.Set(nine_ + absl::Hours(48) + absl::Microseconds(1));
  ASSERT_OK_AND_ASSIGN(cancellation, CallOff(late));
  EXPECT_TRUE(cancellation.late());
  EXPECT_TRUE(cancellation.fee_due());
}

TEST_P(ConclusionTest, CostsNothingIfTriageSentThePatientToAnEmergencyRoom) {
  for (const char* level : {"EMERGENCY", "EMERGENCY_AMBULANCE"}) {
    ASSERT_OK_AND_ASSIGN(const v1::Cancellation cancellation, CallOff(Book(nine_), Sign(Claims(level))));
    EXPECT_TRUE(cancellation.late());
    EXPECT_FALSE(cancellation.fee_due());
    EXPECT_EQ(cancellation.waiver(), v1::FEE_WAIVER_EMERGENCY);
  }
  ASSERT_OK_AND_ASSIGN(const v1::Cancellation cancellation, CallOff(Book(nine_), Sign(Claims("CONSULTATION_24"))));
  EXPECT_TRUE(cancellation.fee_due());
}

TEST_P(ConclusionTest, TakesNobodyElsesEmergencyAndNoForgedOne) {
  const v1::Appointment booked = Book(nine_);
  auto claims = Claims("EMERGENCY");
  claims.patient = "patients/18";
  EXPECT_THAT(CallOff(booked, Sign(claims)), FailsWith(StatusCode::kFailedPrecondition, "ASSESSMENT_OTHER_PATIENT"));
  EXPECT_THAT(CallOff(booked, "a.b.c"), FailsWith(StatusCode::kInvalidArgument, "ASSESSMENT_FORGED"));
  ASSERT_OK_AND_ASSIGN(const auto read, Get(booked.name()));
  EXPECT_EQ(read.appointment().state(), v1::APPOINTMENT_STATE_BOOKED);
}

TEST_P(ConclusionTest, CostsNothingIfThePracticeCallsItOff) {
  for (const Role role : {options::v1::ROLE_CLINICIAN, options::v1::ROLE_STAFF}) {
    ASSERT_OK_AND_ASSIGN(const v1::Cancellation cancellation, CallOff(Book(nine_), "", role));
    EXPECT_FALSE(cancellation.fee_due());
    EXPECT_EQ(cancellation.waiver(), v1::FEE_WAIVER_PRACTICE);
  }
  ASSERT_OK_AND_ASSIGN(const v1::Cancellation cancellation, CallOff(Book(nine_), "", options::v1::ROLE_SERVICE));
  EXPECT_TRUE(cancellation.fee_due()) << "the gateway calls it off for the patient";
}

TEST_P(ConclusionTest, CostsNothingIfAServiceCallsItOffForThePractice) {
  ASSERT_OK_AND_ASSIGN(const v1::Cancellation cancellation,
                       CallOff(Book(nine_), "", options::v1::ROLE_SERVICE, /*by_practice=*/true));
  EXPECT_FALSE(cancellation.fee_due());
  EXPECT_EQ(cancellation.waiver(), v1::FEE_WAIVER_PRACTICE);
  EXPECT_THAT(CallOff(Book(nine_ + absl::Minutes(40)), "", options::v1::ROLE_PATIENT, /*by_practice=*/true),
              FailsWith(StatusCode::kPermissionDenied, "PRACTICE_ONLY"));
}

TEST_P(ConclusionTest, IsForTheVisitsOwnClinicianOrStaffToSay) {
  constexpr auto kOfClinician = options::v1::ROLE_CLINICIAN;
  const std::string other = "clinicians/omar-diaz";
  const auto not_theirs = FailsWith(StatusCode::kPermissionDenied, "NOT_YOURS");
  const v1::Appointment booked = Book(nine_), later = Book(nine_ + absl::Minutes(40));
  EXPECT_THAT(CallOff(booked, "", kOfClinician, /*by_practice=*/false, other), not_theirs);
  clock_.Set(nine_ + absl::Hours(1));
  EXPECT_THAT(Complete(About<v1::CompleteAppointmentRequest>(booked), other), not_theirs);
  EXPECT_THAT(Miss(booked, "", kOfClinician, other), not_theirs);
  ASSERT_OK_AND_ASSIGN(const auto read, Get(booked.name()));
  EXPECT_EQ(read.appointment().SerializeAsString(), booked.SerializeAsString());
  EXPECT_THAT(Miss(booked, "", kOfClinician, kClinician), IsOk());
  EXPECT_THAT(Complete(later), IsOk());
}

}  // namespace
}  // namespace lumbar::booking
