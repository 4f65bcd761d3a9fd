#include "services/booking/domain/clinician_rules.h"

#include <gmock/gmock.h>
#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>
#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <string>
#include <vector>

#include "common/status/matchers.h"
#include "common/time/proto_time.h"
#include "common/time/zone.h"
#include "common/time/zone_testing.h"
#include "services/booking/testing/samples.h"

namespace lumbar::booking {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

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

TEST(ClinicianRulesTest, RefusesZonesThatAreNoneAndOpensNoFileForThem) {
  const ZoneRecorder recorder;
  for (const char* zone : kNoZones) {
    ExpectFault("time_zone", [&](auto& clinician) { clinician.set_time_zone(zone); });
  }
  ExpectFault("time_zone", [&](auto& clinician) { clinician.clear_time_zone(); });
  EXPECT_THAT(recorder.opened(), IsEmpty());
}

TEST(ClinicianRulesTest, AcceptsEveryZoneUnderEveryNameOfIts) {
  v1::Clinician clinician = SampleClinician();
  for (const std::string& name : ZoneNames()) {
    clinician.set_time_zone(name);
    EXPECT_THAT(CheckClinician(clinician), IsOk()) << name;
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

v1::DateOverride& AddDate(v1::Clinician& clinician, int year, int month, int day) {
  v1::DateOverride& date = *clinician.add_date_overrides();
  date.mutable_date()->set_year(year);
  date.mutable_date()->set_month(month);
  date.mutable_date()->set_day(day);
  return date;
}

v1::LocalHours Local(int start_hour, int end_hour) {
  v1::LocalHours hours;
  hours.mutable_start()->set_hours(start_hour);
  hours.mutable_end()->set_hours(end_hour);
  return hours;
}

void AddTimeOff(v1::Clinician& clinician, absl::string_view start, absl::string_view end) {
  v1::TimeOff& off = *clinician.add_time_off();
  *off.mutable_start_time() = ToProtoTime(At(start));
  *off.mutable_end_time() = ToProtoTime(At(end));
}

TEST(ClinicianRulesTest, AcceptsDatesAndTimeOffThatTouch) {
  v1::Clinician clinician = SampleClinician();
  AddDate(clinician, 2028, 2, 29);
  v1::DateOverride& late = AddDate(clinician, 2026, 3, 2);
  *late.add_hours() = Local(12, 13);
  *late.add_hours() = Local(13, 24);
  AddTimeOff(clinician, "2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z");
  AddTimeOff(clinician, "2026-03-03T00:00:00Z", "2027-03-04T00:00:00Z");
  EXPECT_THAT(CheckClinician(clinician), IsOk());
}

TEST(ClinicianRulesTest, RefusesDatesThatAreNoneAbsurdOrThereTwice) {
  const std::vector<std::array<int, 3>> wrong = {{2026, 2, 29},  {2026, 13, 1}, {2026, 0, 1}, {2026, 4, 31}, {0, 1, 1},
                                                 {1999, 12, 31}, {2200, 1, 1},  {2026, 3, 0}, {-2026, 3, 1}};
  for (const std::array<int, 3>& date : wrong) {
    ExpectFault("date_overrides[0].date", [&](auto& clinician) { AddDate(clinician, date[0], date[1], date[2]); });
  }
  ExpectFault("date_overrides[1].date", [](auto& clinician) {
    AddDate(clinician, 2026, 3, 2);
    AddDate(clinician, 2026, 3, 2);
  });
}

TEST(ClinicianRulesTest, RefusesHoursOfADateThatOverlapOrAreNone) {
  ExpectFault("date_overrides[0].hours[1]", [](auto& clinician) {
    v1::DateOverride& date = AddDate(clinician, 2026, 3, 2);
    *date.add_hours() = Local(9, 12);
    *date.add_hours() = Local(11, 13);
  });
  ExpectFault("date_overrides[0].hours[0].end",
              [](auto& clinician) { *AddDate(clinician, 2026, 3, 2).add_hours() = Local(12, 12); });
  ExpectFault("date_overrides[0].hours[0].end",
              [](auto& clinician) { AddDate(clinician, 2026, 3, 2).add_hours()->mutable_end()->set_minutes(7); });
  ExpectFault("date_overrides[0].hours[0].end", [](auto& clinician) {
    *AddDate(clinician, 2026, 3, 2).add_hours() = Local(23, 24);
    clinician.mutable_date_overrides(0)->mutable_hours(0)->mutable_end()->set_minutes(5);
  });
}

TEST(ClinicianRulesTest, RefusesAStartAtMidnightOfTheNextDay) {
  v1::Clinician clinician = SampleClinician();
  *AddDate(clinician, 2026, 3, 2).add_hours() = Local(24, 24);
  EXPECT_THAT(FieldsAtFault(CheckClinician(clinician)),
              ElementsAre("clinician.date_overrides[0].hours[0].start", "clinician.date_overrides[0].hours[0].end"));
}

TEST(ClinicianRulesTest, RefusesTimeOffThatIsEmptyOverlongAbsurdOffTheGridOrOverlaps) {
  const auto fault = [](const std::string& field, absl::string_view start, absl::string_view end) {
    ExpectFault(field, [&](auto& clinician) { AddTimeOff(clinician, start, end); });
  };
  fault("time_off[0].end_time", "2026-03-02T09:00:00Z", "2026-03-02T09:00:00Z");
  fault("time_off[0].end_time", "2026-03-02T09:00:00Z", "2026-03-02T08:00:00Z");
  fault("time_off[0].end_time", "2026-03-02T00:00:00Z", "2027-03-03T00:05:00Z");
  fault("time_off[0].start_time", "2026-03-02T09:01:00Z", "2026-03-02T10:00:00Z");
  fault("time_off[0].end_time", "2026-03-02T09:00:00Z", "2026-03-02T10:00:00.001Z");
  fault("time_off[0].start_time", "1999-12-31T23:00:00Z", "2000-01-01T10:00:00Z");
  ExpectFault("time_off[1]", [](auto& clinician) {
    AddTimeOff(clinician, "2026-03-02T00:00:00Z", "2026-03-04T00:00:00Z");
    AddTimeOff(clinician, "2026-03-03T00:00:00Z", "2026-03-05T00:00:00Z");
  });
}

TEST(ClinicianRulesTest, RefusesNoticeThatReachesToTheHorizon) {
  ExpectFault("visit_types[0].minimum_notice", [](auto& clinician) {
    clinician.mutable_visit_types(0)->set_horizon_days(7);
    clinician.mutable_visit_types(0)->mutable_minimum_notice()->set_seconds(7 * 86400);
  });
}

TEST(ClinicianRulesTest, TellsEveryFaultAtOnce) {
  v1::Clinician clinician = SampleClinician();
  clinician.set_time_zone("nowhere");
  clinician.set_max_age_years(3);
  EXPECT_THAT(FieldsAtFault(CheckClinician(clinician)), ElementsAre("clinician.time_zone", "clinician.max_age_years"));
}

}  // namespace
}  // namespace lumbar::booking
