#include <absl/strings/str_cat.h>
#include <buf/validate/validate.pb.h>

#include <algorithm>

#include "common/status/errors.h"
#include "common/status/macros.h"
#include "common/validation/plan.h"

namespace lumbar::validation {
namespace {

using buf::validate::FieldRules;
using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

absl::Status Refusal(absl::string_view where, const absl::Status& why) {
  return WithReason(absl::FailedPreconditionError(absl::StrCat(where, ": ", why.message())), "RULE_NOT_SUPPORTED");
}

std::vector<const FieldDescriptor*> SetFields(const Message& rules) {
  std::vector<const FieldDescriptor*> set;
  rules.GetReflection()->ListFields(rules, &set);
  return set;
}

// Newer rules than the ones compiled in are unknown fields; predefined rules are those or extensions.
bool HasUnknown(const Message& rules) {
  const auto set = SetFields(rules);
  return !rules.GetReflection()->GetUnknownFields(rules).empty() ||
         std::any_of(set.begin(), set.end(), [](const auto* rule) { return rule->is_extension(); });
}

// The set member of FieldRules' oneof `type`, or null.
const FieldDescriptor* SetType(const FieldRules& rules) {
  return rules.GetReflection()->GetOneofFieldDescriptor(rules, rules.GetDescriptor()->FindOneofByName("type"));
}

// The one member of that oneof that fits a value of the field, "" if none does.
std::string FittingType(const FieldDescriptor& field) {
  if (field.type() != FieldDescriptor::TYPE_MESSAGE) return field.type_name();
  if (!IsTime(*field.message_type())) return "";
  return field.message_type()->name() == "Duration" ? "duration" : "timestamp";
}

absl::Status CheckShape(const FieldRules& rules) {
  if (HasUnknown(rules)) return CannotEvaluate("?", "unknown to this program");
  for (const auto* rule : SetFields(rules)) {
    if (rule->name() != "required" && rule->name() != "ignore" && rule != SetType(rules)) {
      return CannotEvaluate(rule->name(), "not implemented");
    }
  }
  const auto* type = SetType(rules);
  if (type != nullptr && HasUnknown(rules.GetReflection()->GetMessage(rules, type))) {
    return CannotEvaluate(type->name(), "holds rules unknown to this program");
  }
  return absl::OkStatus();
}

// The checks that `rules` ask of a value of `field`, of one item if it is repeated.
absl::StatusOr<std::vector<Check>> ValueChecks(const FieldRules& rules, const FieldDescriptor& field) {
  const auto* type = SetType(rules);
  if (type == nullptr) return std::vector<Check>();
  if (type->name() != FittingType(field)) return CannotEvaluate(type->name(), "doesn't fit the field's type");
  const auto& value_rules = rules.GetReflection()->GetMessage(rules, type);
  const bool text = field.cpp_type() == FieldDescriptor::CPPTYPE_STRING;
  auto checks = text ? TextChecks(value_rules, field) : ComparisonChecks(value_rules, field);
  if (!checks.ok()) return CannotEvaluate(type->name(), checks.status().message());
  return checks;
}

// A member of a message's `oneof` rule is left alone while it is unset, unless it says otherwise itself.
buf::validate::Ignore IgnoreOf(const FieldRules& rules, const FieldDescriptor& field) {
  const auto& choices = field.containing_type()->options().GetExtension(buf::validate::message).oneof();
  const bool chosen = std::any_of(choices.begin(), choices.end(), [&](const auto& choice) {
    return std::find(choice.fields().begin(), choice.fields().end(), field.name()) != choice.fields().end();
  });
  return chosen && !rules.has_ignore() ? buf::validate::IGNORE_IF_ZERO_VALUE : rules.ignore();
}

class Compiler {
 public:
  absl::StatusOr<const MessagePlan*> Compile(const Descriptor* type);
  Plans Take();

 private:
  absl::Status AddChoices(const Descriptor* type, MessagePlan& plan);
  // `rules` must be the descriptor's own, not a copy: checks hold views of their text.
  absl::Status AddField(const FieldDescriptor* field, const FieldRules& rules, MessagePlan& plan);
  absl::Status AddValue(const FieldRules& rules, FieldPlan& plan);
  absl::Status AddItems(const FieldRules& rules, FieldPlan& plan);
  absl::Status AddEntries(const FieldRules& rules, FieldPlan& plan);

  Plans plans_;
};

absl::StatusOr<const MessagePlan*> Compiler::Compile(const Descriptor* type) {
  auto& plan = plans_.by_type[type];
  if (plan != nullptr) return plan.get();
  plan = std::make_unique<MessagePlan>();
  // The map may move its pointers while nested types are added; what they point at stays.
  auto* made = plan.get();
  if (auto status = AddChoices(type, *made); !status.ok()) return Refusal(type->full_name(), status);
  for (int i = 0; i < type->field_count(); ++i) {
    const auto* field = type->field(i);
    LUMBAR_RETURN_IF_ERROR(AddField(field, field->options().GetExtension(buf::validate::field), *made));
  }
  return made;
}

absl::Status Compiler::AddChoices(const Descriptor* type, MessagePlan& plan) {
  const auto& rules = type->options().GetExtension(buf::validate::message);
  if (HasUnknown(rules)) return CannotEvaluate("?", "unknown to this program");
  if (rules.cel_size() > 0 || rules.cel_expression_size() > 0) return CannotEvaluate("cel", "not implemented");
  for (const auto& choice : rules.oneof()) {
    if (HasUnknown(choice)) return CannotEvaluate("oneof", "holds rules unknown to this program");
    ChoicePlan made{"", {}, choice.required()};
    for (const auto& name : choice.fields()) {
      made.fields.push_back(type->FindFieldByName(name));
      if (made.fields.back() == nullptr) return CannotEvaluate("oneof", absl::StrCat("there is no field ", name));
    }
    if (made.fields.empty()) return CannotEvaluate("oneof", "names no field");
    plan.choices.push_back(std::move(made));
  }
  for (int i = 0; i < type->real_oneof_decl_count(); ++i) {
    const auto* oneof = type->oneof_decl(i);
    const auto& oneof_rules = oneof->options().GetExtension(buf::validate::oneof);
    if (HasUnknown(oneof_rules)) return CannotEvaluate(oneof->name(), "unknown to this program");
    if (!oneof_rules.required()) continue;
    ChoicePlan made{oneof->name(), {}, true};
    for (int j = 0; j < oneof->field_count(); ++j) made.fields.push_back(oneof->field(j));
    plan.choices.push_back(std::move(made));
  }
  return absl::OkStatus();
}

absl::Status Compiler::AddField(const FieldDescriptor* field, const FieldRules& rules, MessagePlan& plan) {
  FieldPlan made;
  made.field = field;
  auto status = CheckShape(rules);
  const auto ignore = IgnoreOf(rules, *field);
  const bool ignored = ignore == buf::validate::IGNORE_ALWAYS;
  if (status.ok() && !ignored) {
    made.required = rules.required();
    const bool ignore_zero = ignore == buf::validate::IGNORE_IF_ZERO_VALUE;
    // Of a map's entry, key and value are always there, whatever reflection thinks of an entry made by hand.
    const bool entry = field->containing_type()->options().map_entry();
    made.skip_zero = entry && ignore_zero;
    made.only_when_set = !entry && (ignore_zero || (!field->is_repeated() && field->has_presence()));
    status = field->is_map()        ? AddEntries(rules, made)
             : field->is_repeated() ? AddItems(rules, made)
                                    : AddValue(rules, made);
  }
  // A refusal from a nested type already names its own field.
  if (!status.ok()) return ReasonOf(status).empty() ? Refusal(field->full_name(), status) : status;
  if (!ignored) plan.fields.push_back(std::move(made));
  return absl::OkStatus();
}

absl::Status Compiler::AddValue(const FieldRules& rules, FieldPlan& plan) {
  LUMBAR_ASSIGN_OR_RETURN(plan.checks, ValueChecks(rules, *plan.field));
  if (plan.field->type() == FieldDescriptor::TYPE_GROUP) return CannotEvaluate("group", "not implemented");
  if (plan.field->type() != FieldDescriptor::TYPE_MESSAGE || IsTime(*plan.field->message_type()))
    return absl::OkStatus();
  LUMBAR_ASSIGN_OR_RETURN(plan.nested, Compile(plan.field->message_type()));
  return absl::OkStatus();
}

absl::Status Compiler::AddItems(const FieldRules& rules, FieldPlan& plan) {
  const auto* type = SetType(rules);
  if (type != nullptr && type->name() != "repeated") return CannotEvaluate(type->name(), "the field is repeated");
  const auto& list = rules.repeated();
  if (list.has_min_items()) plan.min_items = list.min_items();
  if (list.has_max_items()) plan.max_items = list.max_items();
  plan.unique = list.unique();
  const auto kind = plan.field->cpp_type();
  if (plan.unique && kind == FieldDescriptor::CPPTYPE_MESSAGE) return CannotEvaluate("unique", "items are messages");
  LUMBAR_RETURN_IF_ERROR(CheckShape(list.items()));
  if (list.items().required()) return CannotEvaluate("required", "means nothing for an item");
  if (list.items().ignore() == buf::validate::IGNORE_ALWAYS) return absl::OkStatus();
  plan.skip_zero =
      list.items().ignore() == buf::validate::IGNORE_IF_ZERO_VALUE && kind != FieldDescriptor::CPPTYPE_MESSAGE;
  return AddValue(list.items(), plan);
}

absl::Status Compiler::AddEntries(const FieldRules& rules, FieldPlan& plan) {
  const auto* type = SetType(rules);
  if (type != nullptr && type->name() != "map") return CannotEvaluate(type->name(), "the field is a map");
  const auto& map = rules.map();
  if (map.has_min_pairs()) plan.min_items = map.min_pairs();
  if (map.has_max_pairs()) plan.max_items = map.max_pairs();
  if (map.keys().required() || map.values().required()) return CannotEvaluate("required", "means nothing in an entry");
  plans_.entries.push_back(std::make_unique<MessagePlan>());
  auto* entry = plans_.entries.back().get();
  LUMBAR_RETURN_IF_ERROR(AddField(plan.field->message_type()->map_key(), map.keys(), *entry));
  LUMBAR_RETURN_IF_ERROR(AddField(plan.field->message_type()->map_value(), map.values(), *entry));
  plan.nested = entry;
  return absl::OkStatus();
}

bool HasOwnRules(const FieldPlan& field) {
  return field.required || field.unique || field.min_items > 0 || field.max_items != FieldPlan{}.max_items ||
         !field.checks.empty();
}

// Types may contain themselves, so `has_rules` spreads upwards until nothing changes; the rest is cut off.
Plans Compiler::Take() {
  std::vector<MessagePlan*> all;
  for (auto& [type, plan] : plans_.by_type) all.push_back(plan.get());
  for (auto& plan : plans_.entries) all.push_back(plan.get());
  for (bool changed = true; changed;) {
    changed = false;
    for (auto* plan : all) {
      if (plan->has_rules) continue;
      plan->has_rules =
          !plan->choices.empty() || std::any_of(plan->fields.begin(), plan->fields.end(), [](const auto& f) {
            return HasOwnRules(f) || (f.nested != nullptr && f.nested->has_rules);
          });
      changed |= plan->has_rules;
    }
  }
  for (auto* plan : all) {
    for (auto& field : plan->fields) {
      if (field.nested != nullptr && !field.nested->has_rules) field.nested = nullptr;
    }
    std::erase_if(plan->fields, [](const auto& f) { return !HasOwnRules(f) && f.nested == nullptr; });
  }
  return std::move(plans_);
}

}  // namespace

absl::StatusOr<Plans> CompilePlans(const std::vector<const Descriptor*>& types) {
  Compiler compiler;
  for (const auto* type : types) LUMBAR_RETURN_IF_ERROR(compiler.Compile(type).status());
  return compiler.Take();
}

}  // namespace lumbar::validation
