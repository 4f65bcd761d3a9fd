#include "common/validation/value.h"

namespace lumbar::validation {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// By field number, so that messages of a pool made at run time can be read as well.
Value ReadTime(const Message& time) {
  const auto* reflection = time.GetReflection();
  const auto* type = time.GetDescriptor();
  const auto length = absl::Seconds(reflection->GetInt64(time, type->FindFieldByNumber(1))) +
                      absl::Nanoseconds(reflection->GetInt32(time, type->FindFieldByNumber(2)));
  if (type->name() == "Duration") return length;
  return absl::UnixEpoch() + length;
}

}  // namespace

bool IsTime(const Descriptor& type) {
  return type.full_name() == "google.protobuf.Duration" || type.full_name() == "google.protobuf.Timestamp";
}

Value ReadField(const Message& message, const FieldDescriptor* field, std::string& scratch) {
  const auto* reflection = message.GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection->GetBool(message, field);
    case FieldDescriptor::CPPTYPE_INT32:
      return int64_t{reflection->GetInt32(message, field)};
    case FieldDescriptor::CPPTYPE_ENUM:
      return int64_t{reflection->GetEnumValue(message, field)};
    case FieldDescriptor::CPPTYPE_INT64:
      return int64_t{reflection->GetInt64(message, field)};
    case FieldDescriptor::CPPTYPE_UINT32:
      return uint64_t{reflection->GetUInt32(message, field)};
    case FieldDescriptor::CPPTYPE_UINT64:
      return uint64_t{reflection->GetUInt64(message, field)};
    case FieldDescriptor::CPPTYPE_FLOAT:
      return double{reflection->GetFloat(message, field)};
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return reflection->GetDouble(message, field);
    case FieldDescriptor::CPPTYPE_STRING:
      return absl::string_view(reflection->GetStringReference(message, field, &scratch));
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return ReadTime(reflection->GetMessage(message, field));
  }
  return false;
}

Value ReadItem(const Message& message, const FieldDescriptor* field, int index, std::string& scratch) {
  const auto* reflection = message.GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection->GetRepeatedBool(message, field, index);
    case FieldDescriptor::CPPTYPE_INT32:
      return int64_t{reflection->GetRepeatedInt32(message, field, index)};
    case FieldDescriptor::CPPTYPE_ENUM:
      return int64_t{reflection->GetRepeatedEnumValue(message, field, index)};
    case FieldDescriptor::CPPTYPE_INT64:
      return int64_t{reflection->GetRepeatedInt64(message, field, index)};
    case FieldDescriptor::CPPTYPE_UINT32:
      return uint64_t{reflection->GetRepeatedUInt32(message, field, index)};
    case FieldDescriptor::CPPTYPE_UINT64:
      return uint64_t{reflection->GetRepeatedUInt64(message, field, index)};
    case FieldDescriptor::CPPTYPE_FLOAT:
      return double{reflection->GetRepeatedFloat(message, field, index)};
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return reflection->GetRepeatedDouble(message, field, index);
    case FieldDescriptor::CPPTYPE_STRING:
      return absl::string_view(reflection->GetRepeatedStringReference(message, field, index, &scratch));
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return ReadTime(reflection->GetRepeatedMessage(message, field, index));
  }
  return false;
}

bool IsZero(const Value& value) {
  return std::visit([](const auto& held) { return held == std::decay_t<decltype(held)>{}; }, value);
}

}  // namespace lumbar::validation
