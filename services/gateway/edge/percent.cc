#include "services/gateway/edge/percent.h"

#include <absl/strings/ascii.h>
#include <absl/strings/escaping.h>
#include <simdjson.h>

#include "services/gateway/edge/errors.h"

namespace lumbar::gateway {

absl::StatusOr<std::string> PercentDecode(absl::string_view text, PercentMode mode) {
  std::string decoded;
  decoded.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded.push_back(mode == PercentMode::kForm && text[i] == '+' ? ' ' : text[i]);
      continue;
    }
    const auto digits = text.substr(i + 1, 2);
    if (digits.size() != 2 || !absl::ascii_isxdigit(static_cast<unsigned char>(digits[0])) ||
        !absl::ascii_isxdigit(static_cast<unsigned char>(digits[1]))) {
      return MalformedRequest("a '%' in the address isn't followed by two hexadecimal digits");
    }
    const std::string byte = absl::HexStringToBytes(digits);
    i += 2;
    if (mode == PercentMode::kKeepSlash && byte == "/") {
      decoded.append("%").append(digits.data(), digits.size());
    } else {
      decoded.append(byte);
    }
  }
  if (!simdjson::validate_utf8(decoded.data(), decoded.size())) {
    return MalformedRequest("the address isn't UTF-8");
  }
  return decoded;
}

}  // namespace lumbar::gateway
