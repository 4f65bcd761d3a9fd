#include "services/booking/domain/clinician_rules.h"

#include <gmock/gmock.h>
#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "common/status/matchers.h"
#include "services/booking/testing/samples.h"

namespace lumbar::booking {
namespace {

using testing::ElementsAre;

std::vector<std::string> FieldsAtFault(const absl::Status& status) {
  std::vector<std::string> fields;
  google::rpc::BadRequest bad_request;
  const google::rpc::Status wire = ToRpcStatus(status);
  for (const auto& detail : wire.details()) {
    if (!detail.UnpackTo(&bad_request)) continue;
    for (const auto& violation : bad_request.field_violations()) fields.push_back(violation.field());
  }
  return fields;
}

void ExpectFault(const std::string& field, const std::function<void(v1::Clinician&)>& bend) {
  v1::Clinician clinician = SampleClinician();
  bend(clinician);
  const absl::Status status = CheckClinician(clinician);
  EXPECT_THAT(status, FailsWith(absl::StatusCode::kInvalidArgument, "INVALID_FIELD"));
  EXPECT_THAT(FieldsAtFault(status), ElementsAre("clinician." + field));
}

TEST(ClinicianRulesTest, AcceptsAGoodClinician) {
  v1::Clinician clinician = SampleClinician();
  EXPECT_THAT(CheckClinician(clinician), IsOk());
  *clinician.add_weekly_hours() = Hours(google::type::MONDAY, 17, 24);
  EXPECT_THAT(CheckClinician(clinician), IsOk()) << "hours that touch, until midnight";
}

TEST(ClinicianRulesTest, RefusesZonesThatAreNone) {
  for (const char* zone :
       {"Mars/Olympus", "localtime", "/etc/localtime", "../zoneinfo/UTC", "Fixed/UTC+01:00:00", ""}) {
    ExpectFault("time_zone", [&](auto& clinician) { clinician.set_time_zone(zone); });
  }
}

TEST(ClinicianRulesTest, RefusesHoursThatOverlap) {
  ExpectFault("weekly_hours[5]",
              [](auto& clinician) { *clinician.add_weekly_hours() = Hours(google::type::FRIDAY, 16, 20); });
}

TEST(ClinicianRulesTest, RefusesHoursThatAreEmptyOrNoTime) {
  ExpectFault("weekly_hours[0].end",
              [](auto& clinician) { clinician.mutable_weekly_hours(0)->mutable_end()->set_hours(9); });
  ExpectFault("weekly_hours[0].end",
              [](auto& clinician) { clinician.mutable_weekly_hours(0)->mutable_end()->set_hours(25); });
  ExpectFault("weekly_hours[0].start",
              [](auto& clinician) { clinician.mutable_weekly_hours(0)->mutable_start()->set_minutes(3); });
  ExpectFault("weekly_hours[0].start",
              [](auto& clinician) { clinician.mutable_weekly_hours(0)->mutable_start()->set_seconds(1); });
  ExpectFault("weekly_hours[0].start",
              [](auto& clinician) { clinician.mutable_weekly_hours(0)->mutable_start()->set_hours(-1); });
  ExpectFault("weekly_hours[0].start",
              [](auto& clinician) { clinician.mutable_weekly_hours(0)->mutable_start()->set_minutes(60); });
}

TEST(ClinicianRulesTest, RefusesVisitTypesThatRepeatOrAreOffTheGrid) {
  ExpectFault("visit_types[1].code", [](auto& clinician) { clinician.mutable_visit_types(1)->set_code(kVisit); });
  ExpectFault("visit_types[0].duration",
              [](auto& clinician) { clinician.mutable_visit_types(0)->mutable_duration()->set_seconds(1000); });
  ExpectFault("visit_types[0].buffer_before",
              [](auto& clinician) { clinician.mutable_visit_types(0)->mutable_buffer_before()->set_nanos(1); });
  ExpectFault("visit_types[0].buffer_after",
              [](auto& clinician) { clinician.mutable_visit_types(0)->mutable_buffer_after()->set_seconds(60); });
}

TEST(ClinicianRulesTest, RefusesALicenceWithoutTimeAndAnEmptyAgeScope) {
  ExpectFault("licences[0].valid_to",
              [](auto& clinician) { clinician.mutable_licences(0)->mutable_valid_to()->set_seconds(0); });
  ExpectFault("max_age_years", [](auto& clinician) { clinician.set_max_age_years(17); });
}

TEST(ClinicianRulesTest, TellsEveryFaultAtOnce) {
  v1::Clinician clinician = SampleClinician();
  clinician.set_time_zone("nowhere");
  clinician.set_max_age_years(3);
  EXPECT_THAT(FieldsAtFault(CheckClinician(clinician)), ElementsAre("clinician.time_zone", "clinician.max_age_years"));
}

}  // namespace
}  // namespace lumbar::booking
