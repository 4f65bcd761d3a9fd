// HMAC with SHA-1 (RFC 2104), for peers that sign with nothing better: as a MAC it still holds.
#pragma once

#include <absl/strings/string_view.h>

#include <string>

namespace lumbar {

// 20 raw bytes. Compare with SameProof.
std::string HmacSha1(absl::string_view key, absl::string_view text);

}  // namespace lumbar
