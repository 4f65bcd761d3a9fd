#include "services/booking/domain/business_days.h"

namespace lumbar::booking {
namespace {

struct Date {
  int month;
  int day;
};

constexpr Date kFixed[] = {{1, 1}, {6, 19}, {7, 4}, {11, 11}, {12, 25}};

// The `nth` such weekday of a month; 5 is the last one.
struct Floating {
  int month;
  absl::Weekday weekday;
  int nth;
};

constexpr Floating kFloating[] = {
    {1, absl::Weekday::monday, 3},     // Martin Luther King, Jr.
    {2, absl::Weekday::monday, 3},     // Washington's Birthday
    {5, absl::Weekday::monday, 5},     // Memorial Day
    {9, absl::Weekday::monday, 1},     // Labor Day
    {10, absl::Weekday::monday, 2},    // Columbus Day
    {11, absl::Weekday::thursday, 4},  // Thanksgiving
};

bool IsWeekend(absl::CivilDay day) { return absl::GetWeekday(day) >= absl::Weekday::saturday; }

absl::CivilDay Observed(absl::CivilDay holiday) {
  if (absl::GetWeekday(holiday) == absl::Weekday::saturday) return holiday - 1;
  return absl::GetWeekday(holiday) == absl::Weekday::sunday ? holiday + 1 : holiday;
}

bool Falls(const Floating& holiday, absl::CivilDay day) {
  if (day.month() != holiday.month || absl::GetWeekday(day) != holiday.weekday) return false;
  if (holiday.nth == 5) return (day + 7).month() != day.month();
  return (day.day() - 1) / 7 + 1 == holiday.nth;
}

bool IsHoliday(absl::CivilDay day) {
  for (const Date& date : kFixed) {
    // New Year's Day can be observed in the year before.
    for (const auto year : {day.year(), day.year() + 1}) {
      if (Observed(absl::CivilDay(year, date.month, date.day)) == day) return true;
    }
  }
  for (const Floating& holiday : kFloating) {
    if (Falls(holiday, day)) return true;
  }
  return false;
}

}  // namespace

bool IsBusinessDay(absl::CivilDay day) { return !IsWeekend(day) && !IsHoliday(day); }

absl::CivilDay AddBusinessDays(absl::CivilDay day, int count) {
  while (count > 0) count -= IsBusinessDay(++day);
  return day;
}

std::optional<absl::CivilDay> EstimateDueDay(absl::CivilDay booked, absl::CivilDay visit) {
  if (visit >= AddBusinessDays(booked, 10)) return AddBusinessDays(booked, 3);
  if (visit >= AddBusinessDays(booked, 3)) return AddBusinessDays(booked, 1);
  return std::nullopt;
}

absl::CivilDay EstimateDueDayOnRequest(absl::CivilDay asked) { return AddBusinessDays(asked, 3); }

}  // namespace lumbar::booking
