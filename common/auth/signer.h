// Signs compact JWS with a P-256 (ES256) or Ed25519 (EdDSA) key, and makes keys of the first kind: OpenSSL 3.0 verifies
// them in half the time, and a booking verifies an assessment that nobody has seen before.
#pragma once

#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>
#include <nlohmann/json.hpp>

#include <memory>
#include <string>

#include "common/auth/algorithm.h"

namespace lumbar::auth {

// Thread safe. May be copied; copies share the key.
class Signer {
 public:
  // Reads the private key in PEM (PKCS #8, not encrypted) at `path`; `kid` is its id in the verifiers' JWKS.
  // INVALID_ARGUMENT/SIGNING_KEY_REFUSED: no such file, or it isn't a private key of these two kinds.
  static absl::StatusOr<Signer> Open(const std::string& path, std::string kid);

  // `claims`, an object, as a compact JWS with `type` as its typ. The caller puts in iss, aud, sub, iat and exp.
  // INVALID_ARGUMENT/CLAIMS_REFUSED: not an object, not UTF-8, or larger than a verifier takes.
  absl::StatusOr<std::string> Sign(absl::string_view type, const nlohmann::json& claims) const;

  const std::string& kid() const { return kid_; }

 private:
  Signer(Algorithm algorithm, EvpKey key, std::string kid)
      : algorithm_(algorithm), key_(std::move(key)), kid_(std::move(kid)) {}

  Algorithm algorithm_;
  std::shared_ptr<EVP_PKEY> key_;
  std::string kid_;
};

// Makes a P-256 key: the private part in a new PEM file of mode 0600, the public part in the JWKS, which is made, or
// gets one more key if it is there (rotation: verifiers keep trusting the old keys until they are taken out). The JWKS
// is replaced in one step, after the private file is on disk.
// ALREADY_EXISTS/KEY_EXISTS: the private file or the kid is there already; nothing is written.
// INVALID_ARGUMENT/KEY_SET_REFUSED: the JWKS that is there isn't one. UNAVAILABLE/KEY_NOT_WRITTEN: the disk refuses.
absl::Status GenerateKey(const std::string& kid, const std::string& private_path, const std::string& jwks_path);

}  // namespace lumbar::auth
