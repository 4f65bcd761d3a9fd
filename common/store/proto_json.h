// Protobuf JSON, written and read fast: json_util builds a type's description and a second copy of the message for it.
#pragma once

#include <absl/strings/string_view.h>
#include <google/protobuf/message.h>

#include <string>

namespace lumbar::store {

// Appends `message` as json_util would write it with proto field names. Returns false, with `out` undone, if the
// message has something that only json_util knows how to write or refuse: text that isn't ASCII, floating point, bytes,
// maps, times out of range, well-known types other than Timestamp and Duration.
bool AppendJson(const google::protobuf::Message& message, std::string& out);

// Reads into `message`, which is empty, what AppendJson writes. Returns false, with `message` empty, for anything else,
// right or wrong, which is json_util's to judge. A thread keeps the memory of the largest text that it read.
bool ReadJson(absl::string_view text, google::protobuf::Message& message);

}  // namespace lumbar::store
