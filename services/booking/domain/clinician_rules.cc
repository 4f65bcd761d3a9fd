#include "services/booking/domain/clinician_rules.h"

#include <absl/container/flat_hash_set.h>
#include <absl/strings/str_cat.h>

#include "common/status/errors.h"
#include "common/time/proto_time.h"
#include "services/booking/domain/schedule.h"
#include "services/booking/domain/zone.h"

namespace lumbar::booking {
namespace {

// Gathers every fault, so that whoever fills in the form sees all of them at once.
class Faults {
 public:
  void Add(absl::string_view field, absl::string_view description) {
    const std::string path = absl::StrCat("clinician.", field);
    status_ = status_.ok() ? InvalidField(path, description) : WithViolation(std::move(status_), path, description);
  }
  void Unless(bool fine, absl::string_view field, absl::string_view description) {
    if (!fine) Add(field, description);
  }
  absl::Status status() && { return std::move(status_); }

 private:
  absl::Status status_;
};

int MinutesOf(const google::type::TimeOfDay& time) { return time.hours() * 60 + time.minutes(); }

bool IsTimeOfDay(const google::type::TimeOfDay& time, int latest_minutes) {
  return time.hours() >= 0 && time.minutes() >= 0 && time.minutes() < 60 && time.seconds() == 0 && time.nanos() == 0 &&
         time.minutes() % 5 == 0 && MinutesOf(time) <= latest_minutes && time.hours() <= 24;
}

bool OnGrid(const google::protobuf::Duration& duration) {
  return duration.nanos() == 0 && duration.seconds() % absl::ToInt64Seconds(kGrid) == 0;
}

bool Overlap(const v1::WeeklyHours& a, const v1::WeeklyHours& b) {
  return a.day() == b.day() && MinutesOf(a.start()) < MinutesOf(b.end()) && MinutesOf(b.start()) < MinutesOf(a.end());
}

void CheckHours(const v1::Clinician& clinician, Faults& faults) {
  constexpr int kDay = 24 * 60;
  for (int i = 0; i < clinician.weekly_hours_size(); ++i) {
    const v1::WeeklyHours& hours = clinician.weekly_hours(i);
    const std::string field = absl::StrCat("weekly_hours[", i, "]");
    faults.Unless(IsTimeOfDay(hours.start(), kDay - 5), field + ".start", "must be a time on the 5-minute grid");
    faults.Unless(IsTimeOfDay(hours.end(), kDay), field + ".end", "must be a time on the 5-minute grid, at most 24:00");
    faults.Unless(MinutesOf(hours.start()) < MinutesOf(hours.end()), field + ".end", "must be after start");
    for (int j = 0; j < i; ++j) {
      if (Overlap(clinician.weekly_hours(j), hours)) faults.Add(field, absl::StrCat("overlaps weekly_hours[", j, "]"));
    }
  }
}

void CheckVisitTypes(const v1::Clinician& clinician, Faults& faults) {
  absl::flat_hash_set<std::string> codes;
  for (int i = 0; i < clinician.visit_types_size(); ++i) {
    const v1::VisitType& type = clinician.visit_types(i);
    const std::string field = absl::StrCat("visit_types[", i, "]");
    faults.Unless(codes.insert(type.code()).second, field + ".code", "is there already");
    faults.Unless(OnGrid(type.duration()), field + ".duration", "must be a multiple of 5 minutes");
    faults.Unless(OnGrid(type.buffer_before()), field + ".buffer_before", "must be a multiple of 5 minutes");
    faults.Unless(OnGrid(type.buffer_after()), field + ".buffer_after", "must be a multiple of 5 minutes");
  }
}

void CheckLicences(const v1::Clinician& clinician, Faults& faults) {
  for (int i = 0; i < clinician.licences_size(); ++i) {
    const v1::Licence& licence = clinician.licences(i);
    faults.Unless(FromProto(licence.valid_from()) < FromProto(licence.valid_to()),
                  absl::StrCat("licences[", i, "].valid_to"), "must be after valid_from");
  }
}

}  // namespace

absl::Status CheckClinician(const v1::Clinician& clinician) {
  Faults faults;
  faults.Unless(IsKnownZone(clinician.time_zone()), "time_zone", "must be an IANA zone such as America/New_York");
  faults.Unless(clinician.max_age_years() == 0 || clinician.min_age_years() <= clinician.max_age_years(),
                "max_age_years", "must not be below min_age_years");
  CheckHours(clinician, faults);
  CheckVisitTypes(clinician, faults);
  CheckLicences(clinician, faults);
  return std::move(faults).status();
}

}  // namespace lumbar::booking
