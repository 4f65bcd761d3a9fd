#include "services/gateway/docs/schemas.h"

#include <absl/container/flat_hash_map.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>
#include <absl/strings/str_split.h>
#include <buf/validate/validate.pb.h>
#include <google/protobuf/message.h>
#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>

#include <utility>

#include "common/status/errors.h"
#include "common/status/macros.h"
#include "lumbar/options/v1/options.pb.h"
#include "services/gateway/docs/schema_rules.h"

namespace lumbar::gateway {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using Json = nlohmann::ordered_json;

// Those that JSON writes in a way of their own; null for any other.
const Json* WellKnown(const Descriptor& type) {
  static const auto* const known = new absl::flat_hash_map<std::string, Json>{
      {"google.protobuf.Timestamp", {{"type", "string"}, {"format", "date-time"}}},
      {"google.protobuf.Duration", {{"type", "string"}, {"pattern", R"(^-?[0-9]+(\.[0-9]{1,9})?s$)"}}},
      {"google.protobuf.FieldMask", {{"type", "string"}}},
      {"google.protobuf.Struct", {{"type", "object"}}},
      {"google.protobuf.Value", Json::object()},
      {"google.protobuf.ListValue", {{"type", "array"}}},
      {"google.protobuf.Any",
       {{"type", "object"}, {"properties", {{"@type", {{"type", "string"}}}}}, {"required", {"@type"}}}},
      {"google.protobuf.BoolValue", {{"type", "boolean"}}},
      {"google.protobuf.StringValue", {{"type", "string"}}},
      {"google.protobuf.BytesValue", {{"type", "string"}, {"contentEncoding", "base64"}}},
      {"google.protobuf.Int32Value", {{"type", "integer"}, {"format", "int32"}}},
      {"google.protobuf.UInt32Value", {{"type", "integer"}, {"format", "int32"}, {"minimum", 0}}},
      {"google.protobuf.Int64Value", {{"type", "string"}, {"format", "int64"}}},
      {"google.protobuf.UInt64Value", {{"type", "string"}, {"format", "uint64"}}},
      {"google.protobuf.FloatValue", {{"type", "number"}}},
      {"google.protobuf.DoubleValue", {{"type", "number"}}},
  };
  const auto found = known->find(type.full_name());
  return found == known->end() ? nullptr : &found->second;
}

Json ScalarOf(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      return {{"type", "boolean"}};
    case FieldDescriptor::CPPTYPE_INT32:
      return {{"type", "integer"}, {"format", "int32"}};
    case FieldDescriptor::CPPTYPE_UINT32:
      return {{"type", "integer"}, {"minimum", 0}, {"maximum", 4294967295}};
    case FieldDescriptor::CPPTYPE_INT64:
      return {{"type", "string"}, {"format", "int64"}};
    case FieldDescriptor::CPPTYPE_UINT64:
      return {{"type", "string"}, {"format", "uint64"}};
    case FieldDescriptor::CPPTYPE_FLOAT:
      return {{"type", "number"}, {"format", "float"}};
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return {{"type", "number"}, {"format", "double"}};
    default:
      break;
  }
  if (field.type() == FieldDescriptor::TYPE_BYTES) return {{"type", "string"}, {"contentEncoding", "base64"}};
  return {{"type", "string"}};
}

}  // namespace

absl::StatusOr<Schemas> Schemas::Create(const std::vector<const Descriptor*>& types, const Comments& comments) {
  LUMBAR_ASSIGN_OR_RETURN(auto validator, validation::Validator::Create(types));
  return Schemas(std::move(validator), comments);
}

Json Schemas::Of(const Descriptor& type) {
  if (const Json* known = WellKnown(type)) return *known;
  if (known_.insert(type.full_name()).second) waiting_.push_back(&type);
  return Reference(type.full_name());
}

Json Schemas::OfField(const FieldDescriptor& field) {
  Json schema;
  if (field.is_map()) {
    schema = {{"type", "object"}, {"additionalProperties", ValueOf(*field.message_type()->map_value())}};
  } else if (field.is_repeated()) {
    schema = {{"type", "array"}, {"items", ValueOf(field)}};
  } else {
    schema = ValueOf(field);
  }
  Describe(field.full_name(), schema);
  AddRules(field, field.options().GetExtension(buf::validate::field), schema);
  if (field.options().GetExtension(options::v1::patient_data)) schema["x-lumbar-patient-data"] = true;
  return schema;
}

Json Schemas::ObjectOf(const Descriptor& type, const std::set<std::string>& without) {
  Json properties = Json::object();
  Json required = Json::array();
  const std::set<std::string> needed = RequiredOf(type);
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (without.count(field.name()) > 0) continue;
    properties[field.json_name()] = OfField(field);
    if (needed.count(field.name()) > 0) required.push_back(field.json_name());
  }
  Json schema = {{"type", "object"}};
  Describe(type.full_name(), schema);
  schema["properties"] = std::move(properties);
  if (!required.empty()) schema["required"] = std::move(required);
  AddChoices(type, schema);
  if (closed_.count(type.full_name()) > 0) schema["additionalProperties"] = false;
  return schema;
}

bool Schemas::IsRequired(const FieldDescriptor& field) const {
  return RequiredOf(*field.containing_type()).count(field.name()) > 0;
}

Json Schemas::TakeComponents() {
  while (!waiting_.empty()) {
    const Descriptor* type = waiting_.front();
    waiting_.pop_front();
    components_[type->full_name()] = ObjectOf(*type);
  }
  return std::exchange(components_, Json::object());
}

Json Schemas::ValueOf(const FieldDescriptor& field) {
  if (field.message_type() != nullptr) return Of(*field.message_type());
  if (field.enum_type() == nullptr) return ScalarOf(field);
  const EnumDescriptor& type = *field.enum_type();
  if (known_.insert(type.full_name()).second) components_[type.full_name()] = Names(type);
  return Reference(type.full_name());
}

Json Schemas::Reference(const std::string& full_name) const {
  return {{"$ref", absl::StrCat("#/components/schemas/", full_name)}};
}

Json Schemas::Names(const EnumDescriptor& type) const {
  Json names = Json::array();
  std::vector<std::string> lines;
  if (const auto about = comments_->Of(type.full_name()); !about.empty()) lines.push_back(absl::StrCat(about, "\n"));
  for (int i = 0; i < type.value_count(); ++i) {
    names.push_back(type.value(i)->name());
    const std::string about = absl::StrJoin(absl::StrSplit(comments_->Of(type.value(i)->full_name()), '\n'), " ");
    if (!about.empty()) lines.push_back(absl::StrCat("- `", type.value(i)->name(), "`: ", about));
  }
  Json schema = {{"type", "string"}};
  if (!lines.empty()) schema["description"] = absl::StrJoin(lines, "\n");
  schema["enum"] = std::move(names);
  return schema;
}

void Schemas::Describe(const std::string& full_name, Json& schema) const {
  if (const auto about = comments_->Of(full_name); !about.empty()) schema["description"] = std::string(about);
}

std::set<std::string> Schemas::RequiredOf(const Descriptor& type) const {
  std::set<std::string> names;
  const auto* empty = google::protobuf::MessageFactory::generated_factory()->GetPrototype(&type);
  const google::rpc::Status refusal = ToRpcStatus(validator_->Validate(*empty));
  for (const auto& detail : refusal.details()) {
    google::rpc::BadRequest refused;
    if (!detail.UnpackTo(&refused)) continue;
    for (const auto& violation : refused.field_violations()) {
      if (filled_in_.count(absl::StrCat(type.full_name(), ".", violation.field())) == 0)
        names.insert(violation.field());
    }
  }
  return names;
}

}  // namespace lumbar::gateway
