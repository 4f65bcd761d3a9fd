#include "common/validation/rules.h"

#include <absl/strings/str_cat.h>

namespace lumbar::validation {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

std::vector<Rule> SetRules(const Message& rules) {
  std::vector<const FieldDescriptor*> fields;
  rules.GetReflection()->ListFields(rules, &fields);
  std::vector<Rule> set;
  // The options hold plain strings: a view of one never points into the scratch.
  std::string scratch;
  for (const auto* field : fields) {
    if (field->name() == "example") continue;
    Rule rule{field, {}};
    if (field->is_repeated()) {
      const int size = rules.GetReflection()->FieldSize(rules, field);
      for (int i = 0; i < size; ++i) rule.values.push_back(ReadItem(rules, field, i, scratch));
    } else {
      rule.values.push_back(ReadField(rules, field, scratch));
    }
    set.push_back(std::move(rule));
  }
  return set;
}

absl::Status CannotEvaluate(absl::string_view rule, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("rule \"", rule, "\" can't be evaluated: ", why));
}

}  // namespace lumbar::validation
