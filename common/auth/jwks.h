// The public keys that tokens are verified with, from a JSON Web Key Set (RFC 7517).
#pragma once

#include <absl/container/flat_hash_map.h>
#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>

#include <string>

#include "common/auth/algorithm.h"

namespace lumbar::auth {

// The most that a JWKS may have.
inline constexpr size_t kMaxKeySetBytes = 256 * 1024;

struct VerificationKey {
  std::string id;
  // Follows from the key's type, so that no token can choose how it is verified.
  Algorithm algorithm;
  EvpKey key;
};

// Immutable, so that threads may share one.
class KeySet {
 public:
  // Reads a JWKS of OKP Ed25519 (EdDSA), EC P-256 (ES256) and RSA of 2048 to 8192 bits (RS256) keys.
  // INVALID_ARGUMENT/KEY_SET_REFUSED, naming the index of the key at fault: text that isn't strict JSON, no key or
  // more than 64, a kid that is missing or used twice, private or symmetric key material, another type, curve or size,
  // a point off its curve, or an `alg`, `use` or `key_ops` that isn't about verifying with this key.
  // Public keys with the `use` enc, which providers list beside the others, are passed over.
  static absl::StatusOr<KeySet> Parse(absl::string_view jwks);

  // The key, or null if there is none of this id.
  const VerificationKey* Find(absl::string_view id) const;
  size_t size() const { return keys_.size(); }

 private:
  absl::flat_hash_map<std::string, VerificationKey> keys_;
};

}  // namespace lumbar::auth
