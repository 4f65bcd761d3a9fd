// Percent-encoding of paths and queries (RFC 3986).
#pragma once

#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>

#include <string>

namespace lumbar::gateway {

enum class PercentMode {
  kAll,
  kKeepSlash,  // "%2F" stays as it is: it would look like a separator
  kForm,       // as kAll, and '+' is a space
};

// INVALID_ARGUMENT/MALFORMED_REQUEST: a '%' without two hexadecimal digits, or the result isn't UTF-8.
absl::StatusOr<std::string> PercentDecode(absl::string_view text, PercentMode mode);

}  // namespace lumbar::gateway
