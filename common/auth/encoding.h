// The two encodings of JOSE, read strictly: what decodes is the one way to write it.
#pragma once

#include <absl/strings/string_view.h>
#include <nlohmann/json.hpp>

#include <optional>
#include <string>

namespace lumbar::auth {

// base64url without padding (RFC 7515, section 2).
std::string Base64UrlEncode(absl::string_view bytes);

// Nothing on padding, white space, the other alphabet, or bits set beyond the last byte.
std::optional<std::string> Base64UrlDecode(absl::string_view text);

// A JSON object from untrusted bytes. Nothing on anything that RFC 8259 refuses, a name used twice in one object,
// text that isn't Unicode, integers beyond 64 bits, or more than 16 levels.
std::optional<nlohmann::json> ParseStrictObject(absl::string_view text);

// The text member `name`, or null if `object` has none, or one of another type.
const std::string* TextMember(const nlohmann::json& object, const char* name);

}  // namespace lumbar::auth
