#include "services/notification/domain/template_variables.h"

#include <absl/strings/ascii.h>

#include <algorithm>

#include "services/notification/domain/gsm_text.h"
#include "services/notification/domain/plan.h"
#include "services/notification/domain/visit_time.h"

namespace lumbar::notification {
namespace {

// Long enough to tell one visit from another, short enough to read out.
constexpr size_t kReferenceLength = 8;

std::string ReferenceOf(absl::string_view name) {
  return std::string(name.substr(name.rfind('/') + 1, kReferenceLength));
}

// Over twelve years: each day of each month falls on each day of the week, but for some of February 29th.
std::string FindLongestDay(absl::string_view language) {
  std::string longest;
  int most = 0;
  const absl::CivilDay first(2024, 1, 1), end(2036, 1, 1);
  for (absl::CivilDay day = first; day < end; ++day) {
    std::string words = ShortDay(absl::FromCivil(day, absl::UTCTimeZone()), absl::UTCTimeZone(), language);
    const int units = MeasureText(InGsm7(words)).units;
    if (units > most) longest = std::move(words);
    most = std::max(most, units);
  }
  return longest;
}

// Found once: thousands of days are too many for each template.
const std::string& LongestDay(absl::string_view language) {
  static const std::string english = FindLongestDay("en"), spanish = FindLongestDay("es");
  return language == "es" ? spanish : english;
}

}  // namespace

std::string OneLine(absl::string_view text) {
  std::string line(text);
  std::replace_if(
      line.begin(), line.end(), [](char c) { return absl::ascii_iscntrl(static_cast<unsigned char>(c)); }, ' ');
  return line;
}

std::vector<Variable> VariablesOf(Part part, const std::string& practice, const v1::Message& message,
                                  const booking::v1::Appointment& appointment, absl::string_view language) {
  const v1::MessageKind kind = message.kind();
  if (IsForStaff(kind)) {
    const bool of_consult = kind == v1::MESSAGE_KIND_STAFF_CONSULT || kind == v1::MESSAGE_KIND_STAFF_CONSULT_OVERDUE;
    return {{"PRACTICE", VariableType::kPractice, practice},
            {of_consult ? "CONSULT" : "CONVERSATION", VariableType::kReference, OneLine(message.appointment())}};
  }
  const bool for_clinician = IsForClinician(kind), in_sms = part == Part::kSms;
  const VisitTime when = VisitTimeOf(appointment, for_clinician ? Reader::kClinician : Reader::kPatient, language);
  std::vector<Variable> variables = {{"PRACTICE", VariableType::kPractice, practice},
                                     {"APPOINTMENT", VariableType::kReference, ReferenceOf(appointment.name())}};
  if (kind != v1::MESSAGE_KIND_CLINICIAN_CANCELLATION) {
    variables.insert(variables.end(),
                     {{"CLINICIAN_NAME", VariableType::kName, OneLine(appointment.slot().clinician_display_name())},
                      {"VISIT_DAY", VariableType::kDay, in_sms ? when.short_day : when.day},
                      {"VISIT_TIME", VariableType::kTime, when.time},
                      {"DURATION_MINUTES", VariableType::kMinutes, when.minutes}});
    if (kind == v1::MESSAGE_KIND_OFFER) {
      variables.push_back({"ANSWER_BY", VariableType::kTime, ClockTime(message.expire_time(), appointment, language)});
    }
    if (!for_clinician) {
      variables.push_back({"PATIENT_NAME", VariableType::kName, OneLine(appointment.contact().display_name())});
    }
  }
  if (in_sms) {
    std::erase_if(variables, [](const Variable& variable) {
      return variable.type == VariableType::kName || variable.type == VariableType::kReference;
    });
  }
  return variables;
}

std::string LongestValue(VariableType type, const std::string& practice, absl::string_view language) {
  switch (type) {
    case VariableType::kPractice:
      return practice;
    case VariableType::kDay:
      return LongestDay(language);
    case VariableType::kTime:
      // Zones are at most five letters long, e.g. "+0545".
      return language == "es" ? "12:30 p.m. +0545" : "12:30 PM +0545";
    case VariableType::kMinutes:
      return "999";
    case VariableType::kName:
    case VariableType::kReference:
      return "";
  }
  return "";
}

}  // namespace lumbar::notification
