// From the rules of one value (buf.validate.StringRules, Int32Rules, DurationRules, ...) to checks that run.
#pragma once

#include <absl/status/statusor.h>
#include <absl/time/time.h>
#include <google/protobuf/message.h>

#include <functional>
#include <string>
#include <vector>

#include "common/validation/value.h"

namespace lumbar::validation {

// One rule, ready to run.
struct Check {
  // What the value must be, for a person, e.g. "must be at most 120 characters".
  std::string description;
  // Whether the value is so. `now` matters to lt_now, gt_now and within only.
  std::function<bool(const Value& value, absl::Time now)> holds;
};

// One set field of a rules message. Views point into the descriptor's options, which outlive every check.
struct Rule {
  const google::protobuf::FieldDescriptor* field;
  std::vector<Value> values;

  const std::string& name() const { return field->name(); }
  const Value& value() const { return values.front(); }
};

// Every set field of `rules`, examples left out.
std::vector<Rule> SetRules(const google::protobuf::Message& rules);

// A rule that can't be evaluated: INVALID_ARGUMENT, the message says which and why. The caller adds the field.
absl::Status CannotEvaluate(absl::string_view rule, absl::string_view why);

// The checks of numbers, bool, enum, Duration and Timestamp. `field` is the field that has them.
absl::StatusOr<std::vector<Check>> ComparisonChecks(const google::protobuf::Message& rules,
                                                    const google::protobuf::FieldDescriptor& field);

// The checks of string and bytes. A string with any rule must be well-formed UTF-8 too.
absl::StatusOr<std::vector<Check>> TextChecks(const google::protobuf::Message& rules,
                                              const google::protobuf::FieldDescriptor& field);

// The checks that every kind of value has: const, in, not_in. False when `rule` is another one.
bool AddMembershipCheck(const Rule& rule, std::vector<Check>& checks);

}  // namespace lumbar::validation
