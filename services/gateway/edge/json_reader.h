// JSON as protobuf's messages, from what simdjson read straight to the wire: many times quicker than through protobuf's
// own mapper.
#pragma once

#include <simdjson.h>

#include <optional>
#include <string>

#include "services/gateway/edge/message_form.h"

namespace lumbar::gateway {

// The serialized message that the object stands for by proto3's mapping. Nothing: something in it is wrong, or of the
// kind that only protobuf's own mapper reads (null, a map, a time, a number in quotes, ...).
std::optional<std::string> ReadJson(const MessageForm& form, const simdjson::dom::element& json);

}  // namespace lumbar::gateway
