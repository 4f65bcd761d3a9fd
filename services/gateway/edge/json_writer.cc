#include "services/gateway/edge/json_writer.h"

#include <absl/strings/escaping.h>
#include <absl/time/time.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include <algorithm>
#include <utility>

#include "services/gateway/edge/json_text.h"

namespace lumbar::gateway {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;

constexpr int kMostDepth = 100;
constexpr int64_t kFirstSecond = -62'135'596'800;
constexpr int64_t kLastSecond = 253'402'300'799;
constexpr int64_t kMostDurationSeconds = 315'576'000'000;

CodedInputStream StreamOf(absl::string_view wire) {
  return CodedInputStream(reinterpret_cast<const uint8_t*>(wire.data()), static_cast<int>(wire.size()));
}

// The next `size` bytes without a copy.
bool Cut(CodedInputStream& in, uint32_t size, absl::string_view& bytes) {
  const void* data = nullptr;
  int left = 0;
  in.GetDirectBufferPointerInline(&data, &left);
  if (static_cast<uint32_t>(left) < size) return false;
  bytes = absl::string_view(static_cast<const char*>(data), size);
  return in.Skip(static_cast<int>(size));
}

// A field's value: a number's bits or the bytes of anything else.
struct Value {
  uint64_t number = 0;
  absl::string_view bytes;
};

class JsonWriter {
 public:
  explicit JsonWriter(size_t wire_bytes) : out_(wire_bytes * 3 / 2 + 256) {}

  bool Message(const MessageForm& form, absl::string_view wire);
  std::string Take() && { return std::move(out_).Take(); }

 private:
  bool Plain(const MessageForm& form, absl::string_view wire);
  bool Field(const FieldForm& field, uint32_t tag, CodedInputStream& in, bool is_first);
  bool Write(const FieldForm& field, const Value& value);
  bool Time(absl::string_view wire);
  bool Duration(absl::string_view wire);
  void Fraction(int64_t nanos);
  // What `add` adds, which needs no escapes.
  template <typename Adding>
  bool Quoted(Adding add);

  JsonText out_;
  int depth_ = 0;
};

// Of a scalar that isn't packed, or of what has a length.
bool ReadValue(FieldDescriptor::Type type, CodedInputStream& in, Value& value) {
  uint32_t four = 0;
  switch (WireFormatLite::WireTypeForFieldType(static_cast<WireFormatLite::FieldType>(type))) {
    case WireFormatLite::WIRETYPE_VARINT:
      return in.ReadVarint64(&value.number);
    case WireFormatLite::WIRETYPE_FIXED64:
      return in.ReadLittleEndian64(&value.number);
    case WireFormatLite::WIRETYPE_FIXED32: {
      const bool read = in.ReadLittleEndian32(&four);
      value.number = four;
      return read;
    }
    case WireFormatLite::WIRETYPE_LENGTH_DELIMITED:
      return in.ReadVarint32(&four) && Cut(in, four, value.bytes);
    default:
      return false;
  }
}

bool JsonWriter::Message(const MessageForm& form, absl::string_view wire) {
  if (depth_ == kMostDepth) return false;
  ++depth_;
  bool written = false;
  switch (form.kind) {
    case MessageForm::Kind::kPlain:
      written = Plain(form, wire);
      break;
    case MessageForm::Kind::kTimestamp:
      written = Time(wire);
      break;
    case MessageForm::Kind::kDuration:
      written = Duration(wire);
      break;
    case MessageForm::Kind::kSpecial:
      break;
  }
  --depth_;
  return written;
}

// Fields come by number, those of a list together: so protobuf serializes, and so its mapper writes them.
bool JsonWriter::Plain(const MessageForm& form, absl::string_view wire) {
  CodedInputStream in = StreamOf(wire);
  out_.Add('{');
  auto field = form.fields.begin();
  // The list that is being written.
  const FieldForm* list = nullptr;
  uint64_t oneofs = 0;
  while (const uint32_t tag = in.ReadTag()) {
    const int number = WireFormatLite::GetTagFieldNumber(tag);
    if (list != nullptr && list->number == number) {
      if (!Field(*list, tag, in, false)) return false;
      continue;
    }
    if (list != nullptr) out_.Add(']');
    list = nullptr;
    while (field != form.fields.end() && field->number < number) ++field;
    if (field == form.fields.end() || field->number != number) return false;
    if (field->oneof >= 0) {
      if (field->oneof > 63 || (oneofs >> field->oneof & 1) != 0) return false;
      oneofs |= uint64_t{1} << field->oneof;
    }
    if (field->is_repeated) list = &*field;
    if (!Field(*field++, tag, in, true)) return false;
  }
  if (list != nullptr) out_.Add(']');
  out_.Add('}');
  return in.ConsumedEntireMessage();
}

// `is_first`: its name comes before it.
bool JsonWriter::Field(const FieldForm& field, uint32_t tag, CodedInputStream& in, bool is_first) {
  const auto type = WireFormatLite::WireTypeForFieldType(static_cast<WireFormatLite::FieldType>(field.type));
  const auto begin = [&] {
    if (!is_first || out_.last() != '{') out_.Add(',');
    if (!is_first) return;
    out_.Add(field.key);
    if (field.is_repeated) out_.Add('[');
  };
  Value value;
  if (WireFormatLite::GetTagWireType(tag) == type) {
    if (!ReadValue(field.type, in, value)) return false;
    // A default that the wire has, though it needn't.
    if (!field.is_repeated && !field.has_presence && value.number == 0 && value.bytes.empty()) return true;
    begin();
    return Write(field, value);
  }
  uint32_t size = 0;
  absl::string_view packed;
  if (!field.field->is_packable() || WireFormatLite::GetTagWireType(tag) != WireFormatLite::WIRETYPE_LENGTH_DELIMITED ||
      !in.ReadVarint32(&size) || !Cut(in, size, packed) || packed.empty()) {
    return false;
  }
  CodedInputStream numbers = StreamOf(packed);
  for (; numbers.CurrentPosition() < static_cast<int>(packed.size()); is_first = false) {
    if (!ReadValue(field.type, numbers, value)) return false;
    begin();
    if (!Write(field, value)) return false;
  }
  return true;
}

template <typename Adding>
bool JsonWriter::Quoted(Adding add) {
  out_.Add('"');
  add();
  out_.Add('"');
  return true;
}

bool JsonWriter::Write(const FieldForm& field, const Value& value) {
  switch (field.type) {
    case FieldDescriptor::TYPE_STRING:
      return out_.AddQuoted(value.bytes);
    case FieldDescriptor::TYPE_MESSAGE:
      return Message(*field.message, value.bytes);
    case FieldDescriptor::TYPE_BYTES:
      return Quoted([&] { out_.Add(absl::Base64Escape(value.bytes)); });
    case FieldDescriptor::TYPE_BOOL:
      out_.Add(value.number != 0 ? "true" : "false");
      return true;
    case FieldDescriptor::TYPE_ENUM: {
      const auto name = field.names.find(static_cast<int>(value.number));
      if (name == field.names.end()) return false;
      out_.Add(name->second);
      return true;
    }
    case FieldDescriptor::TYPE_INT32:
    case FieldDescriptor::TYPE_SFIXED32:
      out_.AddNumber(int64_t{static_cast<int32_t>(value.number)});
      return true;
    case FieldDescriptor::TYPE_SINT32:
      out_.AddNumber(int64_t{WireFormatLite::ZigZagDecode32(static_cast<uint32_t>(value.number))});
      return true;
    case FieldDescriptor::TYPE_UINT32:
    case FieldDescriptor::TYPE_FIXED32:
      out_.AddNumber(uint64_t{static_cast<uint32_t>(value.number)});
      return true;
    case FieldDescriptor::TYPE_INT64:
    case FieldDescriptor::TYPE_SFIXED64:
      return Quoted([&] { out_.AddNumber(static_cast<int64_t>(value.number)); });
    case FieldDescriptor::TYPE_SINT64:
      return Quoted([&] { out_.AddNumber(int64_t{WireFormatLite::ZigZagDecode64(value.number)}); });
    case FieldDescriptor::TYPE_UINT64:
    case FieldDescriptor::TYPE_FIXED64:
      return Quoted([&] { out_.AddNumber(value.number); });
    default:
      return false;
  }
}

// The two fields of a Timestamp or a Duration.
bool ReadSeconds(absl::string_view wire, int64_t& whole, int64_t& nano) {
  CodedInputStream in = StreamOf(wire);
  uint64_t value = 0;
  while (const uint32_t tag = in.ReadTag()) {
    const bool is_nanos = tag == 0x10;
    if ((!is_nanos && tag != 0x08) || !in.ReadVarint64(&value)) return false;
    (is_nanos ? nano : whole) = static_cast<int64_t>(value);
  }
  return in.ConsumedEntireMessage() && nano >= 0 && nano < 1'000'000'000;
}

bool JsonWriter::Time(absl::string_view wire) {
  int64_t seconds = 0;
  int64_t nanos = 0;
  if (!ReadSeconds(wire, seconds, nanos) || seconds < kFirstSecond || seconds > kLastSecond) return false;
  const absl::CivilSecond civil = absl::ToCivilSecond(absl::FromUnixSeconds(seconds), absl::UTCTimeZone());
  out_.Add('"');
  out_.AddDigits(civil.year(), 4);
  for (const auto& [mark, number] :
       {std::pair('-', civil.month()), std::pair('-', civil.day()), std::pair('T', civil.hour()),
        std::pair(':', civil.minute()), std::pair(':', civil.second())}) {
    out_.Add(mark);
    out_.AddDigits(number, 2);
  }
  Fraction(nanos);
  out_.Add("Z\"");
  return true;
}

bool JsonWriter::Duration(absl::string_view wire) {
  int64_t seconds = 0;
  int64_t nanos = 0;
  if (!ReadSeconds(wire, seconds, nanos) || seconds < 0 || seconds > kMostDurationSeconds) return false;
  out_.Add('"');
  out_.AddNumber(seconds);
  Fraction(nanos);
  out_.Add("s\"");
  return true;
}

// None, or three, six or nine digits.
void JsonWriter::Fraction(int64_t nanos) {
  if (nanos == 0) return;
  out_.Add('.');
  if (nanos % 1'000'000 == 0) return out_.AddDigits(nanos / 1'000'000, 3);
  nanos % 1000 == 0 ? out_.AddDigits(nanos / 1000, 6) : out_.AddDigits(nanos, 9);
}

}  // namespace

std::optional<std::string> WriteJson(const MessageForm& form, absl::string_view wire) {
  JsonWriter writer(wire.size());
  if (!writer.Message(form, wire)) return std::nullopt;
  return std::move(writer).Take();
}

std::optional<std::string> WriteJsonOfField(const MessageForm& form, int number, absl::string_view wire) {
  CodedInputStream in = StreamOf(wire);
  const FieldForm* found = nullptr;
  Value value;
  while (const uint32_t tag = in.ReadTag()) {
    const auto field = std::find_if(form.fields.begin(), form.fields.end(), [&](const FieldForm& candidate) {
      return candidate.number == WireFormatLite::GetTagFieldNumber(tag);
    });
    // What else there is needn't be written, only be right.
    const bool is_it = field != form.fields.end() && field->number == number && !field->is_repeated &&
                       field->type == FieldDescriptor::TYPE_MESSAGE && found == nullptr;
    if (!is_it || WireFormatLite::GetTagWireType(tag) != WireFormatLite::WIRETYPE_LENGTH_DELIMITED) return std::nullopt;
    if (!ReadValue(field->type, in, value)) return std::nullopt;
    found = &*field;
  }
  if (!in.ConsumedEntireMessage() || found == nullptr) return std::nullopt;
  return WriteJson(*found->message, value.bytes);
}

}  // namespace lumbar::gateway
