// Protobuf's messages as JSON, straight from the wire: many times quicker than through protobuf's own mapper.
#pragma once

#include <absl/strings/string_view.h>

#include <optional>
#include <string>

#include "services/gateway/edge/message_form.h"

namespace lumbar::gateway {

// What proto3's mapping to JSON makes of a serialized message, without white space. Nothing: the message has something
// that only protobuf's own mapper writes (a map, a wrapper, a float, ...), or isn't serialized as protobuf does it.
std::optional<std::string> WriteJson(const MessageForm& form, absl::string_view wire);

// The same of one field, which is a message. Nothing, too, if anything else is there, or it isn't.
std::optional<std::string> WriteJsonOfField(const MessageForm& form, int number, absl::string_view wire);

}  // namespace lumbar::gateway
