#include <absl/strings/numbers.h>
#include <google/protobuf/duration.pb.h>
#include <google/protobuf/timestamp.pb.h>
#include <google/protobuf/util/time_util.h>
#include <simdjson.h>

#include <string>

#include "common/store/proto_json.h"

namespace lumbar::store {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::Duration;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using google::protobuf::Timestamp;
using google::protobuf::util::TimeUtil;
using simdjson::dom::element;
using simdjson::dom::object;

// Deeper ones are json_util's to judge.
constexpr int kDeepest = 32;

bool ReadAny(const element& from, Message& message, int depth);

// Sets one field: adds a value to it if it is repeated.
class Target {
 public:
  Target(Message& message, const FieldDescriptor& field, int depth)
      : message_(message), field_(field), set_(*message.GetReflection()), depth_(depth) {}

  bool Read(const element& from) const {
    switch (field_.cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT32:
        return Number<int32_t, int64_t>(from, &Reflection::SetInt32, &Reflection::AddInt32);
      case FieldDescriptor::CPPTYPE_UINT32:
        return Number<uint32_t, uint64_t>(from, &Reflection::SetUInt32, &Reflection::AddUInt32);
      case FieldDescriptor::CPPTYPE_INT64:
        return NumberText<int64_t>(from, &Reflection::SetInt64, &Reflection::AddInt64);
      case FieldDescriptor::CPPTYPE_UINT64:
        return NumberText<uint64_t>(from, &Reflection::SetUInt64, &Reflection::AddUInt64);
      case FieldDescriptor::CPPTYPE_BOOL:
        return Number<bool, bool>(from, &Reflection::SetBool, &Reflection::AddBool);
      case FieldDescriptor::CPPTYPE_ENUM:
        return Enum(from);
      case FieldDescriptor::CPPTYPE_STRING:
        return Text(from);
      case FieldDescriptor::CPPTYPE_MESSAGE:
        return ReadAny(
            from,
            field_.is_repeated() ? *set_.AddMessage(&message_, &field_) : *set_.MutableMessage(&message_, &field_),
            depth_ + 1);
      default:
        return false;
    }
  }

 private:
  template <typename T>
  using Setter = void (Reflection::*)(Message*, const FieldDescriptor*, T) const;

  template <typename T>
  bool Put(T value, Setter<T> one, Setter<T> more) const {
    (set_.*(field_.is_repeated() ? more : one))(&message_, &field_, value);
    return true;
  }

  template <typename T, typename Json>
  bool Number(const element& from, Setter<T> one, Setter<T> more) const {
    Json value{};
    if (from.get(value) != simdjson::SUCCESS) return false;
    return static_cast<Json>(static_cast<T>(value)) == value && Put(static_cast<T>(value), one, more);
  }

  template <typename T>
  bool NumberText(const element& from, Setter<T> one, Setter<T> more) const {
    std::string_view text;
    T value{};
    if (from.get(text) != simdjson::SUCCESS || !absl::SimpleAtoi(absl::string_view(text.data(), text.size()), &value))
      return false;
    return Put(value, one, more);
  }

  bool Enum(const element& from) const {
    std::string_view text;
    if (from.get(text) != simdjson::SUCCESS) return false;
    const auto* const value = field_.enum_type()->FindValueByName(std::string(text));
    return value != nullptr && Put(value->number(), &Reflection::SetEnumValue, &Reflection::AddEnumValue);
  }

  bool Text(const element& from) const {
    std::string_view text;
    if (field_.type() != FieldDescriptor::TYPE_STRING || from.get(text) != simdjson::SUCCESS) return false;
    return Put(std::string(text), &Reflection::SetString, &Reflection::AddString);
  }

  Message& message_;
  const FieldDescriptor& field_;
  const Reflection& set_;
  const int depth_;
};

bool ReadField(const element& from, Message& message, const FieldDescriptor& field, int depth) {
  const Target target(message, field, depth);
  if (!field.is_repeated()) return target.Read(from);
  simdjson::dom::array values;
  if (from.get(values) != simdjson::SUCCESS) return false;
  for (const element value : values) {
    if (!target.Read(value)) return false;
  }
  return true;
}

// Whether json_util must judge `field`, too: it is there twice, or beside another of the same choice.
bool IsThere(const Message& message, const FieldDescriptor& field) {
  const Reflection& reflection = *message.GetReflection();
  if (field.is_repeated()) return reflection.FieldSize(message, &field) > 0;
  if (field.containing_oneof() != nullptr) return reflection.HasOneof(message, field.containing_oneof());
  return reflection.HasField(message, &field);
}

bool ReadFields(const element& from, Message& message, int depth) {
  object fields;
  if (from.get(fields) != simdjson::SUCCESS) return false;
  for (const auto& [key, value] : fields) {
    // Names in another style, of fields unknown here, and null: whatever json_util makes of them.
    const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(std::string(key));
    if (field == nullptr || field->is_map() || value.is_null() || IsThere(message, *field)) return false;
    if (!ReadField(value, message, *field, depth)) return false;
  }
  return true;
}

bool ReadAny(const element& from, Message& message, int depth) {
  if (depth > kDeepest) return false;
  std::string_view text;
  auto* const time = google::protobuf::DynamicCastToGenerated<Timestamp>(&message);
  if (time != nullptr) return from.get(text) == simdjson::SUCCESS && TimeUtil::FromString(std::string(text), time);
  auto* const duration = google::protobuf::DynamicCastToGenerated<Duration>(&message);
  if (duration != nullptr) {
    return from.get(text) == simdjson::SUCCESS && TimeUtil::FromString(std::string(text), duration);
  }
  const bool plain = message.GetDescriptor()->well_known_type() == Descriptor::WELLKNOWNTYPE_UNSPECIFIED;
  return plain && ReadFields(from, message, depth);
}

}  // namespace

bool ReadJson(absl::string_view text, Message& message) {
  // Keeps its memory for the next.
  thread_local simdjson::dom::parser parser;
  element root;
  const bool read = parser.parse(text.data(), text.size()).get(root) == simdjson::SUCCESS && ReadAny(root, message, 0);
  if (!read) message.Clear();
  return read;
}

}  // namespace lumbar::store
