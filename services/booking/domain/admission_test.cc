// No emergency is ever booked, and nobody is booked without an assessment or somebody who answers for it.
#include "services/booking/domain/admission.h"

#include "services/booking/testing/booking_test.h"

namespace lumbar::booking {
namespace {

using absl::StatusCode;

class AdmissionTest : public BookingTest {
 protected:
  absl::StatusOr<v1::CreateHoldResponse> CreateWith(const std::string& assessment, absl::string_view reason = "",
                                                    options::v1::Role role = options::v1::ROLE_PATIENT) {
    auto request = HoldRequest(nine_ + absl::Hours(24));
    request.set_signed_assessment(assessment);
    request.set_override_reason(std::string(reason));
    return Create(request, role);
  }
};
INSTANTIATE_TEST_SUITE_P(EveryEngine, AdmissionTest, testing::ValuesIn(store::Engines()), store::EngineName());

TEST_P(AdmissionTest, NeverBooksAnEmergencyWhoeverAsks) {
  for (const char* level : {"EMERGENCY", "EMERGENCY_AMBULANCE"}) {
    const std::string assessment = Sign(Claims(level));
    const auto emergency = FailsWith(StatusCode::kFailedPrecondition, "EMERGENCY_NOT_BOOKABLE");
    EXPECT_THAT(CreateWith(assessment), emergency);
    EXPECT_THAT(CreateWith(assessment, "", options::v1::ROLE_SERVICE), emergency);
    EXPECT_THAT(CreateWith(assessment, "seen by phone", options::v1::ROLE_STAFF), emergency);
    EXPECT_THAT(CreateWith(assessment, "please", options::v1::ROLE_PATIENT), emergency);
  }
}

TEST_P(AdmissionTest, TellsOfAnEmergencyBeforeAnythingElse) {
  v1::CreateHoldRequest request;
  request.set_patient(kPatient);
  request.set_clinician("clinicians/nobody");
  request.set_signed_assessment(Sign(Claims("EMERGENCY")));
  EXPECT_THAT(Create(request), FailsWith(StatusCode::kFailedPrecondition, "EMERGENCY_NOT_BOOKABLE"));
}

TEST_P(AdmissionTest, RequiresAnAssessment) {
  EXPECT_THAT(CreateWith(""), FailsWith(StatusCode::kFailedPrecondition, "ASSESSMENT_REQUIRED"));
  EXPECT_THAT(CreateWith("", "", options::v1::ROLE_STAFF),
              FailsWith(StatusCode::kFailedPrecondition, "ASSESSMENT_REQUIRED"));
}

TEST_P(AdmissionTest, RefusesAForgedAssessment) {
  std::string assessment = Sign(Claims());
  assessment[assessment.size() / 2] ^= 1;
  const auto forged = FailsWith(StatusCode::kInvalidArgument, "ASSESSMENT_FORGED");
  EXPECT_THAT(CreateWith(assessment), forged);
  EXPECT_THAT(CreateWith("a.b.c"), forged);
  EXPECT_THAT(CreateWith(assessment, "trust me", options::v1::ROLE_STAFF), forged);
}

TEST_P(AdmissionTest, RefusesAnExpiredAssessment) {
  const std::string assessment = Sign(Claims()), emergency = Sign(Claims("EMERGENCY"));
  clock_.Advance(absl::Hours(49));
  const auto expired = FailsWith(StatusCode::kFailedPrecondition, "ASSESSMENT_EXPIRED");
  EXPECT_THAT(CreateWith(assessment), expired);
  EXPECT_THAT(CreateWith(emergency, "reason", options::v1::ROLE_STAFF), expired);
}

TEST_P(AdmissionTest, RefusesAnotherPatientsAssessment) {
  auto claims = Claims();
  claims.patient = "patients/18";
  EXPECT_THAT(CreateWith(Sign(claims)), FailsWith(StatusCode::kFailedPrecondition, "ASSESSMENT_OTHER_PATIENT"));
}

TEST_P(AdmissionTest, RefusesATimeAfterTheDeadlineAndTakesOneAtIt) {
  auto claims = Claims("CONSULTATION_24");
  claims.act_by = nine_ + absl::Hours(24) - absl::Seconds(1);
  EXPECT_THAT(CreateWith(Sign(claims)), FailsWith(StatusCode::kFailedPrecondition, "AFTER_ACT_BY"));
  EXPECT_THAT(CreateWith(Sign(claims), "", options::v1::ROLE_SERVICE),
              FailsWith(StatusCode::kFailedPrecondition, "AFTER_ACT_BY"));
  claims.act_by = nine_ + absl::Hours(24);
  EXPECT_THAT(CreateWith(Sign(claims)), IsOk());
}

TEST_P(AdmissionTest, NeverHurriesAPatientWhoMayStayAtHome) {
  auto claims = Claims("SELF_CARE");
  claims.act_by = clock_.Now();
  EXPECT_THAT(CreateWith(Sign(claims)), IsOk());
}

TEST_P(AdmissionTest, LetsStaffAnswerForAVisit) {
  ASSERT_OK_AND_ASSIGN(const auto response, CreateWith("", "assessed by phone", options::v1::ROLE_STAFF));
  EXPECT_EQ(response.hold().level(), triage::v1::LEVEL_UNSPECIFIED);
  std::string reason;
  ASSERT_THAT(database_->Read([&](soci::session& session) {
    session << "SELECT override_reason FROM hold", soci::into(reason);
    return absl::OkStatus();
  }),
              IsOk());
  EXPECT_EQ(reason, "assessed by phone");
}

TEST_P(AdmissionTest, TellsTheAuditOfAnOverrideAndOfNothingElse) {
  auto request = Wanted(nine_);
  const auto usual = rpc::TestContext(options::v1::ROLE_STAFF, "staff/1", request);
  ASSERT_THAT(Admit(usual, request, *verifier_), IsOk());
  EXPECT_EQ(usual.audit_event(), "");
  request.set_override_reason("assessed by phone");
  const auto refused = rpc::TestContext(options::v1::ROLE_PATIENT, kPatient, request);
  ASSERT_FALSE(Admit(refused, request, *verifier_).ok());
  EXPECT_EQ(refused.audit_event(), "");
  const auto overridden = rpc::TestContext(options::v1::ROLE_STAFF, "staff/1", request);
  ASSERT_THAT(Admit(overridden, request, *verifier_), IsOk());
  EXPECT_EQ(overridden.audit_event(), "hold.create_override");
}

TEST_P(AdmissionTest, LetsStaffBookLaterThanTheDeadline) {
  auto claims = Claims("CONSULTATION_24");
  claims.act_by = nine_;
  EXPECT_THAT(CreateWith(Sign(claims), "patient travels", options::v1::ROLE_STAFF), IsOk());
}

TEST_P(AdmissionTest, LetsNobodyElseAnswerForAVisit) {
  for (const auto role : {options::v1::ROLE_PATIENT, options::v1::ROLE_SERVICE, options::v1::ROLE_CLINICIAN}) {
    EXPECT_THAT(CreateWith("", "please", role), FailsWith(StatusCode::kPermissionDenied, "OVERRIDE_STAFF_ONLY"));
    EXPECT_THAT(CreateWith(Sign(Claims()), "please", role),
                FailsWith(StatusCode::kPermissionDenied, "OVERRIDE_STAFF_ONLY"));
  }
}

}  // namespace
}  // namespace lumbar::booking
