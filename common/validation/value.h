// Reading one value of a message by reflection, in a form that compares.
#pragma once

#include <absl/strings/string_view.h>
#include <absl/time/time.h>
#include <google/protobuf/message.h>

#include <string>
#include <variant>

namespace lumbar::validation {

// A number, an enum's number, text, bytes, a Duration or a Timestamp. Text is a view into the message it was read from.
// Two values of one field always hold the same alternative, so == and < mean what they say.
using Value = std::variant<bool, int64_t, uint64_t, double, absl::string_view, absl::Duration, absl::Time>;

// Whether `type` is google.protobuf.Duration or Timestamp, the only messages that have a Value.
bool IsTime(const google::protobuf::Descriptor& type);

// The value of a singular field. `scratch` must outlive the answer.
Value ReadField(const google::protobuf::Message& message, const google::protobuf::FieldDescriptor* field,
                std::string& scratch);

// The value of one item of a repeated field. `scratch` must outlive the answer.
Value ReadItem(const google::protobuf::Message& message, const google::protobuf::FieldDescriptor* field, int index,
               std::string& scratch);

// Whether the value is what an unset field reads as.
bool IsZero(const Value& value);

}  // namespace lumbar::validation
