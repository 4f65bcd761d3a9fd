// How messages and times look in a column: protobuf JSON in TEXT, readable in every engine's own shell, and
// microseconds since 1970 UTC in BIGINT.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>
#include <absl/time/time.h>
#include <google/protobuf/message.h>

#include <cstdint>
#include <string>

#include "common/status/macros.h"

namespace lumbar::store {

// INTERNAL/STORE_FAILED: the message has no JSON form, e.g. a string that isn't UTF-8.
absl::StatusOr<std::string> ToColumn(const google::protobuf::Message& message);

// DATA_LOSS/STORE_CORRUPT: `text` isn't a message of this type; the status names the type, never the content.
// A field that this program doesn't know is skipped, so that the program before an upgrade reads rows from after it.
absl::Status ReadColumn(absl::string_view text, google::protobuf::Message& message);

template <typename T>
absl::StatusOr<T> FromColumn(absl::string_view text) {
  T message;
  LUMBAR_RETURN_IF_ERROR(ReadColumn(text, message));
  return message;
}

inline int64_t Micros(absl::Time time) { return absl::ToUnixMicros(time); }
inline absl::Time FromMicros(int64_t micros) { return absl::FromUnixMicros(micros); }

}  // namespace lumbar::store
