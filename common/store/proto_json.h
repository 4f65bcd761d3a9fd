// Protobuf JSON, written fast: json_util builds a type's description and a second copy of the message to write the
// first.
#pragma once

#include <google/protobuf/message.h>

#include <string>

namespace lumbar::store {

// Appends `message` as json_util would write it with proto field names. Returns false, with `out` undone, if the
// message has something that only json_util knows how to write or refuse: text that isn't ASCII, floating point, bytes,
// maps, times out of range, well-known types other than Timestamp and Duration.
bool AppendJson(const google::protobuf::Message& message, std::string& out);

}  // namespace lumbar::store
