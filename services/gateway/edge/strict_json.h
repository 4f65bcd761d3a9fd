// The check that every JSON body passes before protobuf's parser, which accepts much that isn't JSON, sees it.
#pragma once

#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>
#include <simdjson.h>

namespace lumbar::gateway {

inline constexpr size_t kMaxJsonDepth = 100;

// OK for RFC 8259 JSON in UTF-8, objects and arrays nested kMaxJsonDepth deep at most, no key twice in one object.
// INVALID_ARGUMENT/MALFORMED_JSON otherwise. The caller bounds the size.
absl::Status CheckJson(absl::string_view text);
// The same, and what was read. It is there until this thread checks the next.
absl::StatusOr<simdjson::dom::element> ParseJson(absl::string_view text);

}  // namespace lumbar::gateway
