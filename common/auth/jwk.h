// One public key of a JSON Web Key Set.
#pragma once

#include <absl/status/statusor.h>
#include <nlohmann/json.hpp>

#include "common/auth/jwks.h"

namespace lumbar::auth {

// Whether it is a public key that nothing is verified with: its `use` is enc.
bool IsForEncryption(const nlohmann::json& jwk);

// INVALID_ARGUMENT with what is wrong with the key; see KeySet::Parse.
absl::StatusOr<VerificationKey> ParseKey(const nlohmann::json& jwk);

// The public part of an Ed25519 or P-256 key, without a kid. INTERNAL: it is another kind of key.
absl::StatusOr<nlohmann::json> FormatKey(Algorithm algorithm, EVP_PKEY* key);

}  // namespace lumbar::auth
