#include "services/gateway/docs/schema_rules.h"

#include <absl/container/flat_hash_map.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>
#include <absl/time/time.h>
#include <re2/re2.h>

#include <string>
#include <utility>
#include <vector>

#include "common/validation/rules.h"

namespace lumbar::gateway {
namespace {

using buf::validate::FieldRules;
using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::OneofDescriptor;
using Json = nlohmann::ordered_json;
using validation::Rule;
using validation::Value;

struct AsJson {
  const FieldDescriptor& field;

  Json operator()(bool value) const { return value; }
  Json operator()(int64_t value) const {
    if (field.type() != FieldDescriptor::TYPE_ENUM) return value;
    const auto* known = field.enum_type()->FindValueByNumber(static_cast<int>(value));
    return known == nullptr ? Json(value) : Json(known->name());
  }
  Json operator()(uint64_t value) const { return value; }
  Json operator()(double value) const { return value; }
  Json operator()(absl::string_view value) const { return std::string(value); }
  Json operator()(absl::Duration value) const { return absl::StrCat(absl::ToDoubleSeconds(value), "s"); }
  Json operator()(absl::Time value) const { return absl::FormatTime(value, absl::UTCTimeZone()); }
};

Json ValuesOf(const Rule& rule, const FieldDescriptor& field) {
  Json values = Json::array();
  for (const Value& value : rule.values) values.push_back(std::visit(AsJson{field}, value));
  return values;
}

// A rule that is one keyword with the rule's value.
const char* KeywordOf(const std::string& rule) {
  static const auto* const keywords = new absl::flat_hash_map<std::string, const char*>{
      {"min_len", "minLength"}, {"max_len", "maxLength"},   {"gte", "minimum"}, {"gt", "exclusiveMinimum"},
      {"lte", "maximum"},       {"lt", "exclusiveMaximum"}, {"const", "const"}};
  const auto found = keywords->find(rule);
  return found == keywords->end() ? nullptr : found->second;
}

bool IsFormat(const std::string& rule) { return rule == "email" || rule == "uuid" || rule == "hostname"; }

// What JSON writes as text can't be compared, and bytes are counted before they are written as base64.
bool IsComparable(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_UINT32:
    case FieldDescriptor::CPPTYPE_DOUBLE:
    case FieldDescriptor::CPPTYPE_FLOAT:
    case FieldDescriptor::CPPTYPE_BOOL:
    case FieldDescriptor::CPPTYPE_ENUM:
      return true;
    case FieldDescriptor::CPPTYPE_STRING:
      return field.type() == FieldDescriptor::TYPE_STRING;
    default:
      return false;
  }
}

void Note(const Rule& rule, const FieldDescriptor& field, Json& schema) {
  const Json values = ValuesOf(rule, field);
  schema["x-lumbar-rules"].push_back(
      absl::StrCat(rule.name(), ": ", values.size() == 1 ? values[0].dump() : values.dump()));
}

// RE2 knows "\pL" beside "\p{L}"; JSON Schema's patterns are those of browsers, which don't.
std::string ForBrowsers(std::string pattern) {
  static const RE2* const short_class = new RE2(R"(\\([pP])([A-Z]))");
  RE2::GlobalReplace(&pattern, *short_class, R"(\\\1{\2})");
  return pattern;
}

// False if JSON Schema has no word for it.
bool AddRule(const Rule& rule, const FieldDescriptor& field, Json& schema) {
  const std::string& name = rule.name();
  // The type's own schema lists its names.
  if (name == "defined_only") return true;
  // JSON has no other numbers.
  if (name == "finite") return true;
  if (!IsComparable(field)) return false;
  const Json values = ValuesOf(rule, field);
  if (name == "in") {
    schema["enum"] = values;
  } else if (name == "not_in") {
    schema["not"] = {{"enum", values}};
  } else if (name == "len") {
    schema["minLength"] = schema["maxLength"] = values[0];
  } else if (IsFormat(name)) {
    if (values[0].get<bool>()) schema["format"] = name;
  } else if (name == "pattern") {
    schema["pattern"] = ForBrowsers(values[0].get<std::string>());
  } else if (const char* keyword = KeywordOf(name)) {
    schema[keyword] = values[0];
  } else {
    return false;
  }
  return true;
}

// The rules of one value: the set member of FieldRules' oneof, or null.
const Message* ValueRules(const FieldRules& rules) {
  const auto* type =
      rules.GetReflection()->GetOneofFieldDescriptor(rules, rules.GetDescriptor()->FindOneofByName("type"));
  return type == nullptr ? nullptr : &rules.GetReflection()->GetMessage(rules, type);
}

void AddCounts(const buf::validate::RepeatedRules& rules, Json& schema) {
  if (rules.has_min_items()) schema["minItems"] = rules.min_items();
  if (rules.has_max_items()) schema["maxItems"] = rules.max_items();
  if (rules.unique()) schema["uniqueItems"] = true;
}

void AddCounts(const buf::validate::MapRules& rules, Json& schema) {
  if (rules.has_min_pairs()) schema["minProperties"] = rules.min_pairs();
  if (rules.has_max_pairs()) schema["maxProperties"] = rules.max_pairs();
}

// Each excludes the others; one is there if `required`.
void AddChoice(const std::vector<const FieldDescriptor*>& fields, bool required, Json& schema) {
  Json one = Json::array();
  Json both = Json::array();
  for (size_t i = 0; i < fields.size(); ++i) {
    one.push_back({{"required", {fields[i]->json_name()}}});
    for (size_t j = 0; j < i; ++j) both.push_back({{"required", {fields[j]->json_name(), fields[i]->json_name()}}});
  }
  if (required) {
    schema["allOf"].push_back({{"oneOf", one}});
  } else if (!both.empty()) {
    schema["allOf"].push_back({{"not", {{"anyOf", both}}}});
  }
}

}  // namespace

void AddRules(const FieldDescriptor& field, const FieldRules& rules, Json& schema) {
  if (rules.ignore() == buf::validate::IGNORE_ALWAYS) return;
  if (field.is_map() && rules.has_map()) {
    AddCounts(rules.map(), schema);
    AddRules(*field.message_type()->map_key(), rules.map().keys(), schema["propertyNames"]);
    return AddRules(*field.message_type()->map_value(), rules.map().values(), schema["additionalProperties"]);
  }
  if (schema.value("type", "") == "array") {
    if (!rules.has_repeated()) return;
    AddCounts(rules.repeated(), schema);
    if (rules.repeated().has_items()) AddRules(field, rules.repeated().items(), schema["items"]);
    return;
  }
  const Message* value_rules = ValueRules(rules);
  if (value_rules == nullptr) return;
  for (const Rule& rule : validation::SetRules(*value_rules)) {
    if (!AddRule(rule, field, schema)) Note(rule, field, schema);
  }
}

void AddChoices(const Descriptor& message, Json& schema) {
  for (const auto& choice : message.options().GetExtension(buf::validate::message).oneof()) {
    std::vector<const FieldDescriptor*> fields;
    for (const auto& name : choice.fields()) fields.push_back(message.FindFieldByName(name));
    AddChoice(fields, choice.required(), schema);
  }
  for (int i = 0; i < message.real_oneof_decl_count(); ++i) {
    const OneofDescriptor& oneof = *message.oneof_decl(i);
    std::vector<const FieldDescriptor*> fields;
    for (int j = 0; j < oneof.field_count(); ++j) fields.push_back(oneof.field(j));
    AddChoice(fields, oneof.options().GetExtension(buf::validate::oneof).required(), schema);
  }
}

}  // namespace lumbar::gateway
