#include "services/booking/domain/eligibility.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/status/macros.h"
#include "common/status/matchers.h"
#include "common/time/proto_time.h"
#include "services/booking/testing/samples.h"

namespace lumbar::booking {
namespace {

using testing::HasSubstr;

class EligibilityTest : public testing::Test {
 protected:
  absl::Status Check() const {
    LUMBAR_RETURN_IF_ERROR(CheckScope(clinician_, patient_, kVisit));
    return CheckLicences(clinician_, patient_.state, visit_);
  }
  void ExpectRefused(absl::string_view why) const {
    EXPECT_THAT(Check(), FailsWith(absl::StatusCode::kFailedPrecondition, "NOT_ELIGIBLE"));
    EXPECT_THAT(std::string(Check().message()), HasSubstr(std::string(why)));
  }
  v1::Licence& licence() { return *clinician_.mutable_licences(0); }

  v1::Clinician clinician_ = SampleClinician();
  PatientScope patient_{"NY", 44};
  Interval visit_{At("2026-03-02T14:00:00Z"), At("2026-03-02T14:30:00Z")};
};

TEST_F(EligibilityTest, LetsALicensedClinicianSeeAnAdult) { EXPECT_THAT(Check(), IsOk()); }

TEST_F(EligibilityTest, RefusesAnotherState) {
  patient_.state = "NJ";
  ExpectRefused("no licence");
}

TEST_F(EligibilityTest, RefusesALicenceThatIsSuspendedOrRevoked) {
  for (const auto status : {v1::LICENCE_STATUS_SUSPENDED, v1::LICENCE_STATUS_REVOKED, v1::LICENCE_STATUS_UNSPECIFIED}) {
    licence().set_status(status);
    ExpectRefused("isn't in force");
  }
}

TEST_F(EligibilityTest, RefusesALicenceThatEndsDuringTheVisit) {
  *licence().mutable_valid_to() = ToProtoTime(visit_.end - absl::Microseconds(1));
  ExpectRefused("isn't valid at the time");
  *licence().mutable_valid_to() = ToProtoTime(visit_.end);
  EXPECT_THAT(Check(), IsOk());
}

TEST_F(EligibilityTest, RefusesALicenceThatBeginsDuringTheVisit) {
  *licence().mutable_valid_from() = ToProtoTime(visit_.start + absl::Microseconds(1));
  ExpectRefused("isn't valid at the time");
  *licence().mutable_valid_from() = ToProtoTime(visit_.start);
  EXPECT_THAT(Check(), IsOk());
}

TEST_F(EligibilityTest, IsContentWithOneGoodLicenceOfSeveral) {
  v1::Licence renewed = licence();
  *licence().mutable_valid_to() = ToProtoTime(visit_.start);
  *clinician_.add_licences() = renewed;
  EXPECT_THAT(Check(), IsOk());
}

TEST_F(EligibilityTest, KeepsToTheAgeScope) {
  clinician_.set_max_age_years(65);
  for (const auto& [age, fits] : {std::pair{17u, false}, {18u, true}, {65u, true}, {66u, false}}) {
    patient_.age_years = age;
    EXPECT_EQ(Check().ok(), fits) << age;
  }
  clinician_.set_max_age_years(0);
  patient_.age_years = 120;
  EXPECT_THAT(Check(), IsOk());
}

TEST_F(EligibilityTest, RefusesAVisitThatIsNotOffered) {
  EXPECT_THAT(CheckScope(clinician_, patient_, "surgery"),
              FailsWith(absl::StatusCode::kFailedPrecondition, "NOT_ELIGIBLE"));
}

}  // namespace
}  // namespace lumbar::booking
