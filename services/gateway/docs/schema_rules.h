// From the rules that a field's contract declares (buf.validate) to what JSON Schema has for them.
#pragma once

#include <buf/validate/validate.pb.h>
#include <google/protobuf/descriptor.h>
#include <nlohmann/json.hpp>

namespace lumbar::gateway {

// Adds to `schema`, which is that of one value of the field, or of its list or map. Rules that JSON Schema has no word
// for, such as one that asks the clock or bounds a duration, are listed in "x-lumbar-rules" as "name: value".
void AddRules(const google::protobuf::FieldDescriptor& field, const buf::validate::FieldRules& rules,
              nlohmann::ordered_json& schema);

// Adds which of a message's fields exclude each other, and of which there must be one.
void AddChoices(const google::protobuf::Descriptor& message, nlohmann::ordered_json& schema);

}  // namespace lumbar::gateway
