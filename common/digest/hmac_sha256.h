// HMAC with SHA-256 (RFC 2104): proof that whoever made a text had the key.
#pragma once

#include <absl/strings/string_view.h>

#include <string>

namespace lumbar {

// 32 raw bytes.
std::string HmacSha256(absl::string_view key, absl::string_view text);

// Whether two proofs are the same, in a time that doesn't tell where they differ.
bool SameProof(absl::string_view one, absl::string_view other);

}  // namespace lumbar
