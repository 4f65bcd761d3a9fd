#include "services/gateway/edge/json_writer.h"

#include <absl/strings/escaping.h>
#include <absl/strings/str_cat.h>
#include <absl/time/time.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>
#include <simdjson.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace lumbar::gateway {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;

constexpr int kMostDepth = 100;
constexpr int64_t kFirstSecond = -62'135'596'800;
constexpr int64_t kLastSecond = 253'402'300'799;
constexpr int64_t kMostDurationSeconds = 315'576'000'000;

// Whether a byte is written as it is inside of a text. '<' and '>' aren't, like protobuf's mapper has it: no text can
// end a script.
bool IsPlain(char c) {
  return static_cast<unsigned char>(c) >= ' ' && c != '"' && c != '\\' && c != '<' && c != '>' && c != 0x7f;
}

constexpr uint64_t Eight(uint64_t byte) { return byte * uint64_t{0x0101'0101'0101'0101}; }

// Which of eight bytes, all of them ASCII, are `byte`; right for the lowest of them at least, which is all that is
// asked.
uint64_t Equal(uint64_t bytes, uint64_t byte) {
  const uint64_t other = bytes ^ Eight(byte);
  return (other - Eight(0x01)) & ~other & Eight(0x80);
}

// The first byte that isn't plain or isn't ASCII, or the end; texts are mostly plain, so eight at a time.
const char* FindOdd(const char* from, const char* end) {
  for (; end - from >= 8; from += 8) {
    uint64_t bytes = 0;
    std::memcpy(&bytes, from, 8);
    const uint64_t control = (bytes - Eight(' ')) & ~bytes & Eight(0x80);
    const uint64_t odd = control | Equal(bytes, '"') | Equal(bytes, '\\') | Equal(bytes & ~Eight(0x02), '<') |
                         Equal(bytes, 0x7f) | (bytes & Eight(0x80));
    if (odd != 0) break;
  }
  return std::find_if(from, end, [](char c) { return !IsPlain(c) || (c & 0x80) != 0; });
}

CodedInputStream StreamOf(absl::string_view wire) {
  return CodedInputStream(reinterpret_cast<const uint8_t*>(wire.data()), static_cast<int>(wire.size()));
}

// The next `size` bytes without a copy.
bool Cut(CodedInputStream& in, uint32_t size, absl::string_view& bytes) {
  const void* data = nullptr;
  int left = 0;
  if (size == 0) {
    bytes = "";
    return true;
  }
  if (!in.GetDirectBufferPointer(&data, &left) || static_cast<uint32_t>(left) < size) return false;
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
  explicit JsonWriter(size_t wire_bytes) { out_.reserve(wire_bytes * 2 + 256); }

  bool Message(const MessageForm& form, absl::string_view wire);
  std::string Take() && { return std::move(out_); }

 private:
  bool Plain(const MessageForm& form, absl::string_view wire);
  bool Field(const FieldForm& field, uint32_t tag, CodedInputStream& in, bool is_first);
  bool Write(const FieldForm& field, const Value& value);
  bool Text(absl::string_view text);
  void Escape(unsigned char c);
  bool Time(absl::string_view wire);
  bool Duration(absl::string_view wire);
  void Digits(int64_t number, int width);
  void Fraction(int64_t nanos);

  std::string out_;
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
  out_ += '{';
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
    if (list != nullptr) out_ += ']';
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
  if (list != nullptr) out_ += ']';
  out_ += '}';
  return in.ConsumedEntireMessage();
}

// `is_first`: its name comes before it.
bool JsonWriter::Field(const FieldForm& field, uint32_t tag, CodedInputStream& in, bool is_first) {
  const auto type = WireFormatLite::WireTypeForFieldType(static_cast<WireFormatLite::FieldType>(field.type));
  const auto begin = [&] {
    if (!is_first || out_.back() != '{') out_ += ',';
    if (!is_first) return;
    out_ += field.key;
    if (field.is_repeated) out_ += '[';
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

bool JsonWriter::Write(const FieldForm& field, const Value& value) {
  switch (field.type) {
    case FieldDescriptor::TYPE_STRING:
      return Text(value.bytes);
    case FieldDescriptor::TYPE_MESSAGE:
      return Message(*field.message, value.bytes);
    case FieldDescriptor::TYPE_BYTES:
      absl::StrAppend(&out_, "\"", absl::Base64Escape(value.bytes), "\"");
      return true;
    case FieldDescriptor::TYPE_BOOL:
      out_ += value.number != 0 ? "true" : "false";
      return true;
    case FieldDescriptor::TYPE_ENUM: {
      const auto name = field.names.find(static_cast<int>(value.number));
      if (name == field.names.end()) return false;
      out_ += name->second;
      return true;
    }
    case FieldDescriptor::TYPE_INT32:
    case FieldDescriptor::TYPE_SFIXED32:
      absl::StrAppend(&out_, static_cast<int32_t>(value.number));
      return true;
    case FieldDescriptor::TYPE_SINT32:
      absl::StrAppend(&out_, WireFormatLite::ZigZagDecode32(static_cast<uint32_t>(value.number)));
      return true;
    case FieldDescriptor::TYPE_UINT32:
    case FieldDescriptor::TYPE_FIXED32:
      absl::StrAppend(&out_, static_cast<uint32_t>(value.number));
      return true;
    case FieldDescriptor::TYPE_INT64:
    case FieldDescriptor::TYPE_SFIXED64:
      absl::StrAppend(&out_, "\"", static_cast<int64_t>(value.number), "\"");
      return true;
    case FieldDescriptor::TYPE_SINT64:
      absl::StrAppend(&out_, "\"", WireFormatLite::ZigZagDecode64(value.number), "\"");
      return true;
    case FieldDescriptor::TYPE_UINT64:
    case FieldDescriptor::TYPE_FIXED64:
      absl::StrAppend(&out_, "\"", value.number, "\"");
      return true;
    default:
      return false;
  }
}

bool JsonWriter::Text(absl::string_view text) {
  const char* from = text.data();
  const char* const end = from + text.size();
  bool is_ascii = true;
  out_ += '"';
  while (true) {
    const char* odd = FindOdd(from, end);
    out_.append(from, odd);
    if (odd == end) break;
    if (IsPlain(*odd)) {
      if (std::exchange(is_ascii, false) && !simdjson::validate_utf8(text.data(), text.size())) return false;
      out_ += *odd;
    } else {
      Escape(static_cast<unsigned char>(*odd));
    }
    from = odd + 1;
  }
  out_ += '"';
  return true;
}

void JsonWriter::Escape(unsigned char c) {
  switch (c) {
    case '"':
      out_ += "\\\"";
      break;
    case '\\':
      out_ += "\\\\";
      break;
    case '\b':
      out_ += "\\b";
      break;
    case '\f':
      out_ += "\\f";
      break;
    case '\n':
      out_ += "\\n";
      break;
    case '\r':
      out_ += "\\r";
      break;
    case '\t':
      out_ += "\\t";
      break;
    default:
      absl::StrAppend(&out_, "\\u", absl::Hex(c, absl::kZeroPad4));
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
  out_ += '"';
  Digits(civil.year(), 4);
  for (const auto& [mark, number] :
       {std::pair('-', civil.month()), std::pair('-', civil.day()), std::pair('T', civil.hour()),
        std::pair(':', civil.minute()), std::pair(':', civil.second())}) {
    out_ += mark;
    Digits(number, 2);
  }
  Fraction(nanos);
  out_ += "Z\"";
  return true;
}

bool JsonWriter::Duration(absl::string_view wire) {
  int64_t seconds = 0;
  int64_t nanos = 0;
  if (!ReadSeconds(wire, seconds, nanos) || seconds < 0 || seconds > kMostDurationSeconds) return false;
  absl::StrAppend(&out_, "\"", seconds);
  Fraction(nanos);
  out_ += "s\"";
  return true;
}

void JsonWriter::Digits(int64_t number, int width) {
  const size_t end = out_.size() + static_cast<size_t>(width);
  out_.resize(end);
  for (size_t i = 1; i <= static_cast<size_t>(width); ++i, number /= 10) {
    out_[end - i] = static_cast<char>('0' + number % 10);
  }
}

// None, or three, six or nine digits.
void JsonWriter::Fraction(int64_t nanos) {
  if (nanos == 0) return;
  out_ += '.';
  if (nanos % 1'000'000 == 0) return Digits(nanos / 1'000'000, 3);
  nanos % 1000 == 0 ? Digits(nanos / 1000, 6) : Digits(nanos, 9);
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
