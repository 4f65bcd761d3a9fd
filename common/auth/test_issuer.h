// An issuer for tests: makes a key of any algorithm and signs anything, also what no honest issuer would.
#pragma once

#include <absl/strings/string_view.h>
#include <nlohmann/json.hpp>

#include <string>
#include <vector>

#include "common/auth/algorithm.h"
#include "common/auth/evp.h"

namespace lumbar::auth {

class TestIssuer {
 public:
  // `rsa_bits` is for RS256 alone.
  explicit TestIssuer(Algorithm algorithm = Algorithm::kEdDsa, std::string kid = "test-key", unsigned rsa_bits = 2048);

  // The public key as a JWK.
  nlohmann::json Jwk() const;
  nlohmann::json Header(absl::string_view type = "JWT") const;
  // A compact JWS of the two texts as they are.
  std::string SignTexts(absl::string_view header, absl::string_view payload) const;
  std::string Sign(const nlohmann::json& claims) const { return SignTexts(Header().dump(), claims.dump()); }
  // The signature alone, as JWS writes it.
  std::string Signature(absl::string_view text) const;

 private:
  Algorithm algorithm_;
  std::string kid_;
  EvpKey key_;
};

// A JWKS of the keys given.
std::string JwksOf(const std::vector<nlohmann::json>& keys);

// A new name in the folder for temporary files.
std::string TemporaryPath(absl::string_view name);
void WriteFile(const std::string& path, absl::string_view content);
std::string ReadFile(const std::string& path);

}  // namespace lumbar::auth
