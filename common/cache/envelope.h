// The form in which a value lies in a shared cache, so that nothing but what this program put there comes out.
#pragma once

#include <absl/strings/string_view.h>

#include <cstdint>
#include <optional>
#include <string>

namespace lumbar::cache {

// Seals `payload` with the version of its schema and a SHA-256 over version, key and payload. The key itself isn't in
// the value. The checksum finds damage and mix-ups, not an attacker: whoever can write to the cache can forge it.
std::string Encode(uint32_t schema, absl::string_view key, absl::string_view payload);

// Returns the payload, or nullopt for garbage, another schema's or another key's value: delete it then.
std::optional<std::string> Decode(uint32_t schema, absl::string_view key, absl::string_view value);

}  // namespace lumbar::cache
