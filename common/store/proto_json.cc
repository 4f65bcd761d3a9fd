#include "common/store/proto_json.h"

#include <absl/strings/ascii.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/string_view.h>
#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <vector>

namespace lumbar::store {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::Duration;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using google::protobuf::Timestamp;
using google::protobuf::util::TimeUtil;

bool AppendText(absl::string_view text, std::string& out) {
  constexpr char kHex[] = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    if (!absl::ascii_isascii(static_cast<unsigned char>(c))) return false;
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (absl::ascii_iscntrl(static_cast<unsigned char>(c)) || c == '<' || c == '>') {
      absl::StrAppend(&out, "\\u00", std::string{kHex[c >> 4], kHex[c & 15]});
    } else {
      out += c;
    }
  }
  out += '"';
  return true;
}

bool AppendTimestamp(const Timestamp& time, std::string& out) {
  const bool known = time.seconds() >= TimeUtil::kTimestampMinSeconds &&
                     time.seconds() <= TimeUtil::kTimestampMaxSeconds && time.nanos() >= 0 &&
                     time.nanos() <= 999'999'999;
  if (known) absl::StrAppend(&out, "\"", TimeUtil::ToString(time), "\"");
  return known;
}

bool AppendDuration(const Duration& duration, std::string& out) {
  const bool known =
      duration.seconds() >= 0 && duration.seconds() <= TimeUtil::kDurationMaxSeconds && duration.nanos() == 0;
  if (known) absl::StrAppend(&out, "\"", duration.seconds(), "s\"");
  return known;
}

void AppendEnum(const FieldDescriptor& field, int number, std::string& out) {
  const auto* const value = field.enum_type()->FindValueByNumber(number);
  value == nullptr ? absl::StrAppend(&out, number) : absl::StrAppend(&out, "\"", value->name(), "\"");
}

// One value of a field: that at `index` if it is repeated.
class Value {
 public:
  Value(const Message& message, const FieldDescriptor& field, int index)
      : message_(message), field_(field), index_(index), get_(*message.GetReflection()) {}

  bool Append(std::string& out) const {
    switch (field_.cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT32:
        absl::StrAppend(&out, Of(&Reflection::GetInt32, &Reflection::GetRepeatedInt32));
        return true;
      case FieldDescriptor::CPPTYPE_UINT32:
        absl::StrAppend(&out, Of(&Reflection::GetUInt32, &Reflection::GetRepeatedUInt32));
        return true;
      case FieldDescriptor::CPPTYPE_INT64:
        absl::StrAppend(&out, "\"", Of(&Reflection::GetInt64, &Reflection::GetRepeatedInt64), "\"");
        return true;
      case FieldDescriptor::CPPTYPE_UINT64:
        absl::StrAppend(&out, "\"", Of(&Reflection::GetUInt64, &Reflection::GetRepeatedUInt64), "\"");
        return true;
      case FieldDescriptor::CPPTYPE_BOOL:
        out += Of(&Reflection::GetBool, &Reflection::GetRepeatedBool) ? "true" : "false";
        return true;
      case FieldDescriptor::CPPTYPE_ENUM:
        AppendEnum(field_, Of(&Reflection::GetEnumValue, &Reflection::GetRepeatedEnumValue), out);
        return true;
      case FieldDescriptor::CPPTYPE_STRING:
        return field_.type() == FieldDescriptor::TYPE_STRING && AppendText(Text(), out);
      case FieldDescriptor::CPPTYPE_MESSAGE:
        return AppendJson(field_.is_repeated() ? get_.GetRepeatedMessage(message_, &field_, index_)
                                               : get_.GetMessage(message_, &field_),
                          out);
      default:
        return false;
    }
  }

 private:
  template <typename T>
  T Of(T (Reflection::*one)(const Message&, const FieldDescriptor*) const,
       T (Reflection::*repeated)(const Message&, const FieldDescriptor*, int) const) const {
    return field_.is_repeated() ? (get_.*repeated)(message_, &field_, index_) : (get_.*one)(message_, &field_);
  }

  const std::string& Text() const {
    return field_.is_repeated() ? get_.GetRepeatedStringReference(message_, &field_, index_, &scratch_)
                                : get_.GetStringReference(message_, &field_, &scratch_);
  }

  const Message& message_;
  const FieldDescriptor& field_;
  const int index_;
  const Reflection& get_;
  mutable std::string scratch_;
};

bool AppendField(const Message& message, const FieldDescriptor& field, std::string& out) {
  absl::StrAppend(&out, "\"", field.name(), "\":");
  if (!field.is_repeated()) return Value(message, field, 0).Append(out);
  const int size = message.GetReflection()->FieldSize(message, &field);
  for (int i = 0; i < size; ++i) {
    out += i == 0 ? '[' : ',';
    if (!Value(message, field, i).Append(out)) return false;
  }
  out += ']';
  return true;
}

bool AppendFields(const Message& message, std::string& out) {
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  out += '{';
  for (const FieldDescriptor* field : fields) {
    if (field != fields.front()) out += ',';
    if (field->is_map() || field->is_extension() || !AppendField(message, *field, out)) return false;
  }
  out += '}';
  return true;
}

bool AppendAny(const Message& message, std::string& out) {
  const auto* const time = google::protobuf::DynamicCastToGenerated<Timestamp>(&message);
  if (time != nullptr) return AppendTimestamp(*time, out);
  const auto* const duration = google::protobuf::DynamicCastToGenerated<Duration>(&message);
  if (duration != nullptr) return AppendDuration(*duration, out);
  const bool plain = message.GetDescriptor()->well_known_type() == Descriptor::WELLKNOWNTYPE_UNSPECIFIED;
  return plain && AppendFields(message, out);
}

}  // namespace

bool AppendJson(const Message& message, std::string& out) {
  const size_t before = out.size();
  const bool written = AppendAny(message, out);
  if (!written) out.resize(before);
  return written;
}

}  // namespace lumbar::store
