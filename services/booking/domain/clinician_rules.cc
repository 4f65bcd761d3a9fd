#include "services/booking/domain/clinician_rules.h"

#include <absl/container/flat_hash_set.h>
#include <absl/strings/str_cat.h>
#include <absl/time/civil_time.h>

#include <optional>

#include "common/status/errors.h"
#include "common/time/proto_time.h"
#include "common/time/zone.h"
#include "services/booking/domain/schedule.h"

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

// Years that are meant, and not slips of the keyboard.
constexpr int kFirstYear = 2000, kLastYear = 2199;
constexpr absl::Duration kLongestTimeOff = absl::Hours(24 * 366);

int MinutesOf(const google::type::TimeOfDay& time) { return time.hours() * 60 + time.minutes(); }

bool IsTimeOfDay(const google::type::TimeOfDay& time, int latest_minutes) {
  return time.hours() >= 0 && time.hours() <= 24 && time.minutes() >= 0 && time.minutes() < 60 && time.seconds() == 0 &&
         time.nanos() == 0 && time.minutes() % 5 == 0 && MinutesOf(time) <= latest_minutes;
}

bool OnGrid(const google::protobuf::Duration& duration) {
  return duration.nanos() == 0 && duration.seconds() % absl::ToInt64Seconds(kGrid) == 0;
}

bool OnGrid(const google::protobuf::Timestamp& time) {
  return time.nanos() == 0 && time.seconds() % absl::ToInt64Seconds(kGrid) == 0;
}

bool SameDay(const v1::WeeklyHours& a, const v1::WeeklyHours& b) { return a.day() == b.day(); }
// All hours of an override are of its date.
bool SameDay(const v1::LocalHours&, const v1::LocalHours&) { return true; }

template <typename Hours>
bool Overlap(const Hours& a, const Hours& b) {
  return SameDay(a, b) && MinutesOf(a.start()) < MinutesOf(b.end()) && MinutesOf(b.start()) < MinutesOf(a.end());
}

template <typename Hours>
void CheckHours(const google::protobuf::RepeatedPtrField<Hours>& all, const std::string& path, Faults& faults) {
  constexpr int kDay = 24 * 60;
  for (int i = 0; i < all.size(); ++i) {
    const Hours& hours = all[i];
    const std::string field = absl::StrCat(path, "[", i, "]");
    faults.Unless(IsTimeOfDay(hours.start(), kDay - 5), field + ".start", "must be a time on the 5-minute grid");
    faults.Unless(IsTimeOfDay(hours.end(), kDay), field + ".end", "must be a time on the 5-minute grid, at most 24:00");
    faults.Unless(MinutesOf(hours.start()) < MinutesOf(hours.end()), field + ".end", "must be after start");
    for (int j = 0; j < i; ++j) {
      if (Overlap(all[j], hours)) faults.Add(field, absl::StrCat("overlaps ", path, "[", j, "]"));
    }
  }
}

// Nothing if the calendar, or reason, has no such day.
std::optional<absl::CivilDay> DayOf(const google::type::Date& date) {
  if (date.year() < kFirstYear || date.year() > kLastYear) return std::nullopt;
  const absl::CivilDay day(date.year(), date.month(), date.day());
  const bool same = day.year() == date.year() && day.month() == date.month() && day.day() == date.day();
  return same ? std::optional(day) : std::nullopt;
}

void CheckDates(const v1::Clinician& clinician, Faults& faults) {
  absl::flat_hash_set<absl::CivilDay> days;
  for (int i = 0; i < clinician.date_overrides_size(); ++i) {
    const v1::DateOverride& date = clinician.date_overrides(i);
    const std::string field = absl::StrCat("date_overrides[", i, "]");
    const std::optional<absl::CivilDay> day = DayOf(date.date());
    faults.Unless(day.has_value(), field + ".date", "must be a day of the calendar from 2000 to 2199");
    faults.Unless(!day || days.insert(*day).second, field + ".date", "is there already");
    CheckHours(date.hours(), field + ".hours", faults);
  }
}

bool Overlap(const v1::TimeOff& a, const v1::TimeOff& b) {
  return FromProto(a.start_time()) < FromProto(b.end_time()) && FromProto(b.start_time()) < FromProto(a.end_time());
}

bool InReason(const google::protobuf::Timestamp& time) {
  const absl::CivilYear year = absl::ToCivilYear(FromProto(time), absl::UTCTimeZone());
  return year.year() >= kFirstYear && year.year() <= kLastYear;
}

void CheckTimeOff(const v1::Clinician& clinician, Faults& faults) {
  for (int i = 0; i < clinician.time_off_size(); ++i) {
    const v1::TimeOff& off = clinician.time_off(i);
    const std::string field = absl::StrCat("time_off[", i, "]");
    const absl::Duration length = FromProto(off.end_time()) - FromProto(off.start_time());
    const auto sound = [](const auto& time) { return OnGrid(time) && InReason(time); };
    faults.Unless(sound(off.start_time()), field + ".start_time", "must be on the 5-minute grid, from 2000 to 2199");
    faults.Unless(sound(off.end_time()), field + ".end_time", "must be on the 5-minute grid, from 2000 to 2199");
    faults.Unless(length > absl::ZeroDuration(), field + ".end_time", "must be after start_time");
    faults.Unless(length <= kLongestTimeOff, field + ".end_time", "must be at most 366 days after start_time");
    for (int j = 0; j < i; ++j) {
      if (Overlap(clinician.time_off(j), off)) faults.Add(field, absl::StrCat("overlaps time_off[", j, "]"));
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
    const Reach reach = ReachAt(type, absl::UnixEpoch());
    faults.Unless(reach.first < reach.last, field + ".minimum_notice", "must be shorter than horizon_days");
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
  CheckHours(clinician.weekly_hours(), "weekly_hours", faults);
  CheckDates(clinician, faults);
  CheckTimeOff(clinician, faults);
  CheckVisitTypes(clinician, faults);
  CheckLicences(clinician, faults);
  return std::move(faults).status();
}

}  // namespace lumbar::booking
