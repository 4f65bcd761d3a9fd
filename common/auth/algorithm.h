// The signature algorithms that Lumbar accepts, on OpenSSL's EVP.
#pragma once

#include <absl/strings/string_view.h>

#include <string>

#include "common/auth/evp.h"

namespace lumbar::auth {

enum class Algorithm { kEdDsa, kEs256, kRs256 };

// The name in a JWS header: "EdDSA", "ES256" or "RS256".
absl::string_view NameOf(Algorithm algorithm);

// What `algorithm` makes of `text` with a private key of its type, as JWS writes it; empty if OpenSSL fails. Thread
// safe.
std::string SignatureOf(Algorithm algorithm, EVP_PKEY* key, absl::string_view text);

// Whether `signature` is what `algorithm` (the key's, never the token's) makes of `signed_text`. Thread safe.
bool SignatureHolds(Algorithm algorithm, EVP_PKEY* key, absl::string_view signed_text, absl::string_view signature);

}  // namespace lumbar::auth
