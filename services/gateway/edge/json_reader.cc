#include "services/gateway/edge/json_reader.h"

#include <absl/container/inlined_vector.h>
#include <absl/strings/string_view.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include <algorithm>
#include <array>
#include <limits>

namespace lumbar::gateway {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedOutputStream;
using simdjson::dom::element;

// Appends to one buffer.
class WireWriter {
 public:
  bool Message(const MessageForm& form, const element& json);
  std::string Take() && { return std::move(out_); }

 private:
  bool Field(const FieldForm& field, const element& json);
  bool Value(const FieldForm& field, const element& json);
  bool Nested(const FieldForm& field, const element& json);
  bool Enum(const FieldForm& field, const element& json);
  template <typename Number>
  bool Integer(const FieldForm& field, const element& json);
  // A number that the wire may leave out where it is the default.
  void Scalar(const FieldForm& field, uint64_t bits);
  void Tag(const FieldForm& field, WireFormatLite::WireType type);
  void Varint(uint64_t value);

  std::string out_;
};

bool WireWriter::Message(const MessageForm& form, const element& json) {
  simdjson::dom::object object;
  if (form.kind != MessageForm::Kind::kPlain || json.get(object) != simdjson::SUCCESS) return false;
  absl::InlinedVector<const FieldForm*, 16> seen;
  for (const auto member : object) {
    const auto found = form.by_name.find(absl::string_view(member.key.data(), member.key.size()));
    if (found == form.by_name.end()) return false;
    const FieldForm& field = *found->second;
    // By its other name, or another of its oneof.
    for (const FieldForm* other : seen) {
      if (other == &field || (field.oneof >= 0 && other->oneof == field.oneof)) return false;
    }
    seen.push_back(&field);
    if (!Field(field, member.value)) return false;
  }
  return true;
}

bool WireWriter::Field(const FieldForm& field, const element& json) {
  if (!field.is_repeated) return Value(field, json);
  simdjson::dom::array array;
  if (json.get(array) != simdjson::SUCCESS) return false;
  return std::all_of(array.begin(), array.end(), [&](const element& item) { return Value(field, item); });
}

bool WireWriter::Value(const FieldForm& field, const element& json) {
  switch (field.type) {
    case FieldDescriptor::TYPE_STRING: {
      std::string_view text;
      if (json.get(text) != simdjson::SUCCESS) return false;
      if (text.empty() && !field.is_repeated && !field.has_presence) return true;
      Tag(field, WireFormatLite::WIRETYPE_LENGTH_DELIMITED);
      Varint(text.size());
      out_ += text;
      return true;
    }
    case FieldDescriptor::TYPE_MESSAGE:
      return Nested(field, json);
    case FieldDescriptor::TYPE_ENUM:
      return Enum(field, json);
    case FieldDescriptor::TYPE_BOOL: {
      bool value = false;
      if (json.get(value) != simdjson::SUCCESS) return false;
      Scalar(field, value ? 1 : 0);
      return true;
    }
    case FieldDescriptor::TYPE_INT32:
      return Integer<int32_t>(field, json);
    case FieldDescriptor::TYPE_UINT32:
      return Integer<uint32_t>(field, json);
    case FieldDescriptor::TYPE_INT64:
      return Integer<int64_t>(field, json);
    default:
      return false;
  }
}

bool WireWriter::Nested(const FieldForm& field, const element& json) {
  Tag(field, WireFormatLite::WIRETYPE_LENGTH_DELIMITED);
  // Most are so short that their length takes one byte.
  const size_t place = out_.size();
  out_ += '\0';
  if (!Message(*field.message, json)) return false;
  const size_t size = out_.size() - place - 1;
  std::array<uint8_t, 10> length = {};
  const uint8_t* end = CodedOutputStream::WriteVarint64ToArray(size, length.data());
  out_.replace(place, 1, reinterpret_cast<const char*>(length.data()), static_cast<size_t>(end - length.data()));
  return true;
}

bool WireWriter::Enum(const FieldForm& field, const element& json) {
  std::string_view name;
  if (json.get(name) != simdjson::SUCCESS) return false;
  const auto number = field.numbers.find(absl::string_view(name.data(), name.size()));
  if (number == field.numbers.end()) return false;
  Scalar(field, static_cast<uint64_t>(int64_t{number->second}));
  return true;
}

template <typename Number>
bool WireWriter::Integer(const FieldForm& field, const element& json) {
  int64_t value = 0;
  // "1.0" and "1e2", too, are for protobuf's mapper.
  if (json.type() != simdjson::dom::element_type::INT64 || json.get(value) != simdjson::SUCCESS) return false;
  if (value < int64_t{std::numeric_limits<Number>::min()} || value > int64_t{std::numeric_limits<Number>::max()}) {
    return false;
  }
  Scalar(field, static_cast<uint64_t>(value));
  return true;
}

void WireWriter::Scalar(const FieldForm& field, uint64_t bits) {
  if (bits == 0 && !field.is_repeated && !field.has_presence) return;
  Tag(field, WireFormatLite::WIRETYPE_VARINT);
  Varint(bits);
}

void WireWriter::Tag(const FieldForm& field, WireFormatLite::WireType type) {
  Varint(WireFormatLite::MakeTag(field.number, type));
}

void WireWriter::Varint(uint64_t value) {
  std::array<uint8_t, 10> bytes = {};
  const uint8_t* end = CodedOutputStream::WriteVarint64ToArray(value, bytes.data());
  out_.append(reinterpret_cast<const char*>(bytes.data()), static_cast<size_t>(end - bytes.data()));
}

}  // namespace

std::optional<std::string> ReadJson(const MessageForm& form, const element& json) {
  WireWriter writer;
  if (!writer.Message(form, json)) return std::nullopt;
  return std::move(writer).Take();
}

}  // namespace lumbar::gateway
