// SHA-256, for checksums and for names of what must not be kept itself.
#pragma once

#include <absl/strings/string_view.h>

#include <string>

namespace lumbar {

// 32 raw bytes.
std::string Sha256(absl::string_view bytes);

}  // namespace lumbar
