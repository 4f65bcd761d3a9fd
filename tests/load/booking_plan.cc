#include "tests/load/booking_plan.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>
#include <absl/time/clock.h>

#include "common/store/resource_name.h"
#include "common/time/proto_time.h"

namespace lumbar::load {
namespace {

// Of the process: every slot is then in the future for as long as a run lasts.
absl::Time Tomorrow() {
  static const absl::Time tomorrow =
      absl::FromCivil(absl::ToCivilDay(absl::Now(), absl::UTCTimeZone()) + 1, absl::UTCTimeZone());
  return tomorrow;
}

booking::v1::WeeklyHours AllDay(google::type::DayOfWeek day) {
  booking::v1::WeeklyHours hours;
  hours.set_day(day);
  hours.mutable_start()->set_hours(0);
  hours.mutable_end()->set_hours(23);
  hours.mutable_end()->set_minutes(20);
  return hours;
}

}  // namespace

booking::v1::CreateClinicianRequest Clinician(int number) {
  booking::v1::CreateClinicianRequest request;
  request.set_request_id(store::NewUuid());
  request.set_clinician_id(absl::StrFormat("load-%02d", number));
  booking::v1::Clinician& clinician = *request.mutable_clinician();
  clinician.set_display_name("Maya Chen, DO");
  clinician.set_email("maya-chen@clinic.example");
  clinician.set_credential("DO");
  clinician.set_time_zone("Etc/UTC");
  clinician.add_language_codes("en");
  clinician.set_min_age_years(18);
  for (int day = google::type::MONDAY; day <= google::type::SUNDAY; ++day) {
    *clinician.add_weekly_hours() = AllDay(static_cast<google::type::DayOfWeek>(day));
  }
  for (const char* state : {"NY", "NJ", "CT", "PA"}) {
    booking::v1::Licence& licence = *clinician.add_licences();
    licence.set_state(state);
    licence.set_type("DO");
    licence.set_number(absl::StrCat(state, "-", number));
    licence.set_status(booking::v1::LICENCE_STATUS_ACTIVE);
    *licence.mutable_valid_from() = ToProtoTime(Tomorrow() - absl::Hours(24 * 365));
    *licence.mutable_valid_to() = ToProtoTime(Tomorrow() + absl::Hours(24 * 365));
  }
  booking::v1::VisitType& type = *clinician.add_visit_types();
  type.set_code(kVisitType);
  type.mutable_duration()->set_seconds(absl::ToInt64Seconds(kVisit));
  type.mutable_buffer_after()->set_seconds(absl::ToInt64Seconds(kBuffer));
  return request;
}

std::string ClinicianName(int64_t slot) { return absl::StrFormat("clinicians/load-%02d", slot % kClinicians); }

absl::Time Begin(int64_t slot) {
  const int64_t own = slot / kClinicians;
  return Tomorrow() + (own / kSlotsADay) * absl::Hours(24) + (own % kSlotsADay) * (kVisit + kBuffer);
}

std::string Patient(int64_t slot) { return absl::StrCat("patients/load-", slot); }

booking::v1::CreateHoldRequest Wanted(int64_t slot) {
  booking::v1::CreateHoldRequest request;
  request.set_patient(Patient(slot));
  request.set_clinician(ClinicianName(slot));
  request.set_visit_type(kVisitType);
  *request.mutable_start_time() = ToProtoTime(Begin(slot));
  booking::v1::PatientContact& contact = *request.mutable_contact();
  contact.set_display_name("Jo Park");
  contact.set_email("jo.park@example.org");
  contact.set_time_zone("America/New_York");
  contact.set_state("NY");
  contact.set_age_years(41);
  return request;
}

}  // namespace lumbar::load
