// JSON Web Tokens (RFC 7519) in the compact form, verified the way RFC 8725 asks.
#pragma once

#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>
#include <absl/time/time.h>
#include <nlohmann/json.hpp>

#include <string>
#include <vector>

#include "common/auth/jwks.h"

namespace lumbar::auth {

inline constexpr size_t kMaxTokenBytes = 8 * 1024;
// How far the issuer's clock may be from ours.
inline constexpr absl::Duration kMaxSkew = absl::Seconds(60);

// What a verifier demands.
struct Expectations {
  std::string issuer;
  std::string audience;
  // The `typ` of the header, in any case; empty accepts any. Set it wherever one key signs tokens of several kinds.
  std::string type = "";
};

// The claims of a token whose signature holds.
struct Claims {
  std::string issuer;
  std::string subject;
  std::vector<std::string> audiences;
  absl::Time expires;
  // InfinitePast if the token doesn't say.
  absl::Time not_before = absl::InfinitePast();
  absl::Time issued_at = absl::InfinitePast();
  // Everything, the claims above included; an object.
  nlohmann::json payload;
};

// The claims of `token` if a key of `keys` signed it and it meets `expected` at `now`. Nothing in the payload is looked
// at before the signature holds. Thread safe. UNAUTHENTICATED with one of:
//   TOKEN_TOO_LARGE: over 8 KiB.
//   TOKEN_MALFORMED: not three parts of canonical base64url, header or payload not a strict JSON object (a name used
//     twice isn't), no kid, another typ, a header with jku, x5u, jwk or crit, sub or exp missing, a claim of the wrong
//     type.
//   TOKEN_UNKNOWN_KEY: no key of this kid.
//   TOKEN_BAD_SIGNATURE: the signature doesn't hold, or `alg` isn't the algorithm of the key.
//   TOKEN_WRONG_ISSUER, TOKEN_WRONG_AUDIENCE: missing or another.
//   TOKEN_EXPIRED, TOKEN_NOT_YET_VALID: exp, nbf and iat against `now`, with 60 s for differing clocks.
absl::StatusOr<Claims> Verify(absl::string_view token, const KeySet& keys, const Expectations& expected,
                              absl::Time now);

}  // namespace lumbar::auth
