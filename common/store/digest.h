// SHA-256, for checksums.
#pragma once

#include <absl/strings/string_view.h>

#include <string>

namespace lumbar::store {

// 32 raw bytes.
std::string Sha256(absl::string_view text);

}  // namespace lumbar::store
