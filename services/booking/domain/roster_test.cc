#include "services/booking/domain/roster.h"

#include "services/booking/testing/booking_test.h"

namespace lumbar::booking {
namespace {

using absl::StatusCode;

class RosterTest : public BookingTest {
 protected:
  rpc::CallContext Staff(const google::protobuf::Message& request) const {
    return rpc::TestContext(options::v1::ROLE_STAFF, "staff/1", request);
  }
  absl::StatusOr<v1::UpdateClinicianResponse> Update(const v1::Clinician& clinician) {
    v1::UpdateClinicianRequest request;
    request.set_request_id(store::NewUuid());
    request.set_name(clinician.name());
    *request.mutable_clinician() = clinician;
    return roster_.UpdateClinician(Staff(request), request);
  }
  absl::StatusOr<v1::Clinician> Get(const std::string& name) {
    v1::GetClinicianRequest request;
    request.set_name(name);
    const auto response = roster_.GetClinician(Staff(request), request);
    if (!response.ok()) return response.status();
    return response->clinician();
  }
};
INSTANTIATE_TEST_SUITE_P(EveryEngine, RosterTest, testing::ValuesIn(store::Engines()), store::EngineName());

TEST_P(RosterTest, TakesAnIdOnce) {
  EXPECT_THAT(Add(SampleClinician()), FailsWith(StatusCode::kAlreadyExists, "CLINICIAN_EXISTS"));
}

TEST_P(RosterTest, ShowsPatientsNeitherEmailsNorLicenceNumbersNorLeave) {
  ASSERT_OK_AND_ASSIGN(auto clinician, Get(kClinician));
  clinician.set_email("maya@clinic.example");
  v1::TimeOff& leave = *clinician.add_time_off();
  *leave.mutable_start_time() = ToProtoTime(nine_);
  *leave.mutable_end_time() = ToProtoTime(nine_ + absl::Hours(24));
  ASSERT_THAT(Update(clinician), IsOk());
  v1::GetClinicianRequest get;
  get.set_name(kClinician);
  const auto patient = rpc::TestContext(options::v1::ROLE_PATIENT, "patients/17", get);
  ASSERT_OK_AND_ASSIGN(const auto read, roster_.GetClinician(patient, get));
  ASSERT_OK_AND_ASSIGN(const auto listed, roster_.ListClinicians(patient, {}));
  for (const v1::Clinician& seen : {read.clinician(), listed.clinicians(0)}) {
    EXPECT_EQ(seen.email(), "");
    EXPECT_EQ(seen.time_off_size(), 0);
    ASSERT_GT(seen.licences_size(), 0);
    EXPECT_EQ(seen.licences(0).number(), "");
    EXPECT_NE(seen.licences(0).state(), "");
  }
  ASSERT_OK_AND_ASSIGN(const auto seen_by_staff, Get(kClinician));
  EXPECT_EQ(seen_by_staff.email(), "maya@clinic.example");
  EXPECT_EQ(seen_by_staff.time_off_size(), 1);
  EXPECT_NE(seen_by_staff.licences(0).number(), "");
}

TEST_P(RosterTest, AnswersARepeatedCreateAlike) {
  auto clinician = SampleClinician();
  clinician.set_name("clinicians/new");
  auto request = CreateRequest(clinician);
  ASSERT_OK_AND_ASSIGN(const auto first, roster_.CreateClinician(Staff(request), request));
  ASSERT_OK_AND_ASSIGN(const auto second, roster_.CreateClinician(Staff(request), request));
  EXPECT_EQ(first.SerializeAsString(), second.SerializeAsString());
  request.mutable_clinician()->set_time_zone("nowhere");
  EXPECT_THAT(roster_.CreateClinician(Staff(request), request),
              FailsWith(StatusCode::kInvalidArgument, "REQUEST_ID_REUSED"));
}

TEST_P(RosterTest, RefusesAClinicianWhoBreaksTheRules) {
  auto clinician = SampleClinician();
  clinician.set_name("clinicians/new");
  clinician.set_time_zone("nowhere");
  EXPECT_THAT(Add(clinician), FailsWith(StatusCode::kInvalidArgument, "INVALID_FIELD"));
  EXPECT_THAT(Get("clinicians/new"), FailsWith(StatusCode::kNotFound, "CLINICIAN_NOT_FOUND"));
  clinician.set_name(kClinician);
  EXPECT_THAT(Update(clinician), FailsWith(StatusCode::kInvalidArgument, "INVALID_FIELD"));
}

TEST_P(RosterTest, ReplacesTheVersionThatTheCallerSaw) {
  ASSERT_OK_AND_ASSIGN(v1::Clinician seen, Get(kClinician));
  seen.set_display_name("Maya Chen-Ruiz, DO");
  ASSERT_OK_AND_ASSIGN(const auto updated, Update(seen));
  EXPECT_NE(updated.clinician().etag(), seen.etag());
  EXPECT_THAT(Update(seen), FailsWith(StatusCode::kAborted, "ETAG_MISMATCH"));
  seen.clear_etag();
  EXPECT_THAT(Update(seen), IsOk());
  ASSERT_OK_AND_ASSIGN(const v1::Clinician now, Get(kClinician));
  EXPECT_EQ(now.display_name(), "Maya Chen-Ruiz, DO");
  seen.set_name("clinicians/nobody");
  EXPECT_THAT(Update(seen), FailsWith(StatusCode::kNotFound, "CLINICIAN_NOT_FOUND"));
}

TEST_P(RosterTest, ListsByNameInPages) {
  for (const char* name : {"clinicians/b", "clinicians/a"}) {
    auto clinician = SampleClinician();
    clinician.set_name(name);
    ASSERT_THAT(Add(clinician), IsOk());
  }
  v1::ListCliniciansRequest request;
  request.set_page_size(2);
  ASSERT_OK_AND_ASSIGN(auto page, roster_.ListClinicians(Staff(request), request));
  ASSERT_EQ(page.clinicians_size(), 2);
  EXPECT_EQ(page.clinicians(0).name(), "clinicians/a");
  EXPECT_EQ(page.clinicians(1).name(), "clinicians/b");
  request.set_page_token(page.next_page_token());
  ASSERT_OK_AND_ASSIGN(page, roster_.ListClinicians(Staff(request), request));
  ASSERT_EQ(page.clinicians_size(), 1);
  EXPECT_EQ(page.clinicians(0).name(), kClinician);
  EXPECT_EQ(page.next_page_token(), "");
}

}  // namespace
}  // namespace lumbar::booking
