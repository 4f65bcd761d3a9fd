#include "services/triage/domain/condition_check.h"

#include <absl/strings/str_cat.h>

namespace lumbar::triage {
namespace {

std::string FaultOfFinding(const std::string& code, const RedFlags& findings, const ConditionLimits& limits,
                           bool negated) {
  const auto finding = findings.find(code);
  if (finding == findings.end()) return absl::StrCat("unknown finding \"", code, "\"");
  if (negated && !limits.absence_allowed) {
    return absl::StrCat("asks whether \"", code, "\" is absent, so that its presence would lower the level");
  }
  if (!negated && !limits.presence_allowed) {
    return absl::StrCat("asks whether \"", code, "\" is present, so that one danger would hide another");
  }
  if (!finding->second && !limits.soft_findings_allowed) {
    return absl::StrCat("stands on \"", code, "\", which is not a red_flag: unanswered, it would pass as absent");
  }
  return "";
}

std::string FaultOfRange(const v1::Condition::Range& range) {
  if (!v1::Quantity_IsValid(range.quantity()) || range.quantity() == v1::QUANTITY_UNSPECIFIED) {
    return "a range without a quantity";
  }
  if (!range.has_at_least() && !range.has_at_most()) return "a range without bounds always holds";
  if (range.has_at_least() && range.has_at_most() && range.at_least() > range.at_most()) {
    return absl::StrCat("a range from ", range.at_least(), " to ", range.at_most(), " never holds");
  }
  return "";
}

std::string Fault(const v1::Condition& condition, const RedFlags& findings, const ConditionLimits& limits,
                  bool negated);

template <typename Conditions>
std::string FaultOfList(const Conditions& of, const RedFlags& findings, const ConditionLimits& limits, bool negated) {
  if (of.empty()) return "an empty list of conditions";
  for (const auto& condition : of) {
    if (std::string fault = Fault(condition, findings, limits, negated); !fault.empty()) return fault;
  }
  return "";
}

std::string FaultOfCount(const v1::Condition::AtLeast& some, const RedFlags& findings, const ConditionLimits& limits,
                         bool negated) {
  if (some.count() == 0) return "at_least 0 always holds";
  if (!some.of().empty() && some.count() > static_cast<uint32_t>(some.of_size())) {
    return absl::StrCat("at_least ", some.count(), " of ", some.of_size(), " never holds");
  }
  return FaultOfList(some.of(), findings, limits, negated);
}

std::string Fault(const v1::Condition& condition, const RedFlags& findings, const ConditionLimits& limits,
                  bool negated) {
  switch (condition.kind_case()) {
    case v1::Condition::kPresent:
      return FaultOfFinding(condition.present(), findings, limits, negated);
    case v1::Condition::kAll:
      return FaultOfList(condition.all().of(), findings, limits, negated);
    case v1::Condition::kAny:
      return FaultOfList(condition.any().of(), findings, limits, negated);
    case v1::Condition::kAtLeast:
      return FaultOfCount(condition.at_least(), findings, limits, negated);
    case v1::Condition::kNot:
      return Fault(condition.not_(), findings, limits, !negated);
    case v1::Condition::kRange:
      return FaultOfRange(condition.range());
    case v1::Condition::kSex:
      return condition.sex() == v1::SEX_FEMALE || condition.sex() == v1::SEX_MALE ? "" : "a sex that isn't one";
    case v1::Condition::KIND_NOT_SET:
      break;
  }
  return "an empty condition";
}

}  // namespace

std::string FaultOf(const v1::Condition& condition, const RedFlags& findings, const ConditionLimits& limits) {
  return Fault(condition, findings, limits, /*negated=*/false);
}

}  // namespace lumbar::triage
