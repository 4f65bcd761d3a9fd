#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>

#include <algorithm>
#include <cmath>

#include "common/validation/rules.h"

namespace lumbar::validation {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

struct Printer {
  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(int64_t value) const { return absl::StrCat(value); }
  std::string operator()(uint64_t value) const { return absl::StrCat(value); }
  std::string operator()(double value) const { return absl::StrCat(value); }
  std::string operator()(absl::string_view value) const { return absl::StrCat("\"", value, "\""); }
  std::string operator()(absl::Duration value) const { return absl::FormatDuration(value); }
  std::string operator()(absl::Time value) const { return absl::FormatTime(value, absl::UTCTimeZone()); }
};

std::string Print(const Value& value) { return std::visit(Printer{}, value); }

// A bound from below or from above.
struct Bound {
  Value value;
  bool inclusive;

  bool Below(const Value& other) const { return value < other || (inclusive && value == other); }
  bool Above(const Value& other) const { return other < value || (inclusive && value == other); }
};

Check RangeCheck(const std::optional<Bound>& low, const std::optional<Bound>& high) {
  std::string low_text, high_text;
  if (low) low_text = absl::StrCat(low->inclusive ? "at least " : "greater than ", Print(low->value));
  if (high) high_text = absl::StrCat(high->inclusive ? "at most " : "less than ", Print(high->value));
  if (!high) return {absl::StrCat("must be ", low_text), [low](const Value& v, absl::Time) { return low->Below(v); }};
  if (!low) return {absl::StrCat("must be ", high_text), [high](const Value& v, absl::Time) { return high->Above(v); }};
  // As protovalidate defines it: bounds that have crossed exclude what lies between them.
  if (high->value < low->value) {
    return {absl::StrCat("must be ", low_text, " or ", high_text),
            [low, high](const Value& v, absl::Time) { return low->Below(v) || high->Above(v); }};
  }
  return {absl::StrCat("must be ", low_text, " and ", high_text),
          [low, high](const Value& v, absl::Time) { return low->Below(v) && high->Above(v); }};
}

// Rules that ask the clock. False when `rule` is another one.
bool AddNowCheck(const Rule& rule, std::vector<Check>& checks) {
  if (rule.name() == "lt_now" || rule.name() == "gt_now") {
    if (!std::get<bool>(rule.value())) return true;
    const bool past = rule.name() == "lt_now";
    checks.push_back(
        {past ? "must be in the past" : "must be in the future", [past](const Value& value, absl::Time now) {
           return past ? std::get<absl::Time>(value) <= now : std::get<absl::Time>(value) >= now;
         }});
    return true;
  }
  if (rule.name() != "within") return false;
  const auto distance = std::get<absl::Duration>(rule.value());
  checks.push_back({absl::StrCat("must be within ", absl::FormatDuration(distance), " of now"),
                    [distance](const Value& value, absl::Time now) {
                      return std::get<absl::Time>(value) >= now - distance &&
                             std::get<absl::Time>(value) <= now + distance;
                    }});
  return true;
}

bool AddFlagCheck(const Rule& rule, const FieldDescriptor& field, std::vector<Check>& checks) {
  if (rule.name() != "finite" && rule.name() != "defined_only") return false;
  if (!std::get<bool>(rule.value())) return true;
  if (rule.name() == "finite") {
    checks.push_back({"must be finite", [](const Value& v, absl::Time) { return std::isfinite(std::get<double>(v)); }});
    return true;
  }
  checks.push_back({"must be one of the defined values", [type = field.enum_type()](const Value& value, absl::Time) {
                      return type->FindValueByNumber(static_cast<int>(std::get<int64_t>(value))) != nullptr;
                    }});
  return true;
}

}  // namespace

bool AddMembershipCheck(const Rule& rule, std::vector<Check>& checks) {
  if (rule.name() != "const" && rule.name() != "in" && rule.name() != "not_in") return false;
  const bool wanted = rule.name() != "not_in";
  const auto list = absl::StrJoin(rule.values, ", ", [](std::string* out, const Value& v) { out->append(Print(v)); });
  const auto verb = rule.name() == "const" ? "must be " : wanted ? "must be one of " : "must not be one of ";
  checks.push_back({absl::StrCat(verb, list), [values = rule.values, wanted](const Value& value, absl::Time) {
                      return (std::find(values.begin(), values.end(), value) != values.end()) == wanted;
                    }});
  return true;
}

absl::StatusOr<std::vector<Check>> ComparisonChecks(const Message& rules, const FieldDescriptor& field) {
  std::vector<Check> checks;
  std::optional<Bound> low, high;
  for (const auto& rule : SetRules(rules)) {
    if (rule.name() == "gt" || rule.name() == "gte") {
      low = Bound{rule.value(), rule.name() == "gte"};
    } else if (rule.name() == "lt" || rule.name() == "lte") {
      high = Bound{rule.value(), rule.name() == "lte"};
    } else if (!AddMembershipCheck(rule, checks) && !AddNowCheck(rule, checks) && !AddFlagCheck(rule, field, checks)) {
      return CannotEvaluate(rule.name(), "not implemented");
    }
  }
  if (low || high) checks.push_back(RangeCheck(low, high));
  return checks;
}

}  // namespace lumbar::validation
