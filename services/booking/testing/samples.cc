#include "services/booking/testing/samples.h"

#include <cstdlib>

#include "common/store/resource_name.h"
#include "common/time/proto_time.h"

namespace lumbar::booking {

absl::Time At(absl::string_view text) {
  absl::Time time;
  if (!absl::ParseTime(absl::RFC3339_full, text, &time, nullptr)) std::abort();
  return time;
}

v1::WeeklyHours Hours(google::type::DayOfWeek day, int start_hour, int end_hour) {
  v1::WeeklyHours hours;
  hours.set_day(day);
  hours.mutable_start()->set_hours(start_hour);
  hours.mutable_end()->set_hours(end_hour);
  return hours;
}

v1::Clinician SampleClinician() {
  v1::Clinician clinician;
  clinician.set_name(kClinician);
  clinician.set_display_name("Maya Chen, DO");
  clinician.set_time_zone("America/New_York");
  clinician.add_language_codes("en");
  clinician.set_min_age_years(18);
  for (int day = google::type::MONDAY; day <= google::type::FRIDAY; ++day) {
    *clinician.add_weekly_hours() = Hours(static_cast<google::type::DayOfWeek>(day), 9, 17);
  }
  v1::Licence& licence = *clinician.add_licences();
  licence.set_state("NY");
  licence.set_type("DO");
  licence.set_number("1");
  licence.set_status(v1::LICENCE_STATUS_ACTIVE);
  *licence.mutable_valid_from() = ToProtoTime(At("2020-01-01T00:00:00Z"));
  *licence.mutable_valid_to() = ToProtoTime(At("2030-01-01T00:00:00Z"));
  v1::VisitType& usual = *clinician.add_visit_types();
  usual.set_code(kVisit);
  usual.mutable_duration()->set_seconds(30 * 60);
  usual.mutable_buffer_after()->set_seconds(10 * 60);
  v1::VisitType& longer = *clinician.add_visit_types();
  longer.set_code("long-visit");
  longer.mutable_duration()->set_seconds(60 * 60);
  return clinician;
}

v1::CreateClinicianRequest CreateRequest(const v1::Clinician& clinician) {
  v1::CreateClinicianRequest request;
  request.set_request_id(store::NewUuid());
  request.set_clinician_id(clinician.name().substr(clinician.name().find('/') + 1));
  *request.mutable_clinician() = clinician;
  return request;
}

v1::CreateHoldRequest HoldRequest(absl::Time start) {
  v1::CreateHoldRequest request;
  request.set_request_id(store::NewUuid());
  request.set_patient(kPatient);
  request.set_clinician(kClinician);
  request.set_visit_type(kVisit);
  *request.mutable_start_time() = ToProtoTime(start);
  v1::PatientContact& contact = *request.mutable_contact();
  contact.set_display_name("Ana");
  contact.set_email("ana@example.org");
  contact.set_time_zone("America/New_York");
  contact.set_state("NY");
  contact.set_age_years(44);
  return request;
}

}  // namespace lumbar::booking
