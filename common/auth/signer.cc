#include "common/auth/signer.h"

#include <openssl/pem.h>

#include <array>
#include <optional>

#include "common/auth/algorithm.h"
#include "common/auth/encoding.h"
#include "common/auth/jwt.h"
#include "common/status/errors.h"

namespace lumbar::auth {
namespace {

absl::Status ClaimsRefused(absl::string_view why) {
  return WithReason(absl::InvalidArgumentError(absl::StrCat("the claims can't be signed: ", why)), "CLAIMS_REFUSED");
}

absl::Status KeyRefused(absl::string_view why) {
  return WithReason(absl::InvalidArgumentError(why), "SIGNING_KEY_REFUSED");
}

// OpenSSL would ask on the terminal.
int NoPassphrase(char*, int, int, void*) { return -1; }

// Of the two kinds that it signs with.
std::optional<Algorithm> AlgorithmOf(EVP_PKEY* key) {
  if (EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519) return Algorithm::kEdDsa;
  std::array<char, 32> group = {};
  if (EVP_PKEY_get_base_id(key) != EVP_PKEY_EC ||
      EVP_PKEY_get_group_name(key, group.data(), group.size(), nullptr) != 1) {
    return std::nullopt;
  }
  return absl::string_view(group.data()) == SN_X9_62_prime256v1 ? std::optional(Algorithm::kEs256) : std::nullopt;
}

}  // namespace

absl::StatusOr<Signer> Signer::Open(const std::string& path, std::string kid) {
  const ErrorQueueGuard guard;
  const Bio file(BIO_new_file(path.c_str(), "rb"));
  if (!file) return KeyRefused(absl::StrCat("can't read the private key ", path, "; check the path and the mode"));
  EvpKey key(PEM_read_bio_PrivateKey(file.get(), nullptr, NoPassphrase, nullptr));
  const auto algorithm = key ? AlgorithmOf(key.get()) : std::nullopt;
  if (!algorithm || kid.empty()) {
    return KeyRefused(
        absl::StrCat(path, " must be an unencrypted P-256 or Ed25519 private key in PEM, and its kid not empty"));
  }
  return Signer(*algorithm, std::move(key), std::move(kid));
}

absl::StatusOr<std::string> Signer::Sign(absl::string_view type, const nlohmann::json& claims) const {
  if (!claims.is_object()) return ClaimsRefused("they aren't an object");
  std::string token;
  try {
    const nlohmann::json header = {{"alg", std::string(NameOf(algorithm_))}, {"kid", kid_}, {"typ", std::string(type)}};
    token = absl::StrCat(Base64UrlEncode(header.dump()), ".", Base64UrlEncode(claims.dump()));
  } catch (const nlohmann::json::exception&) {
    return ClaimsRefused("they aren't UTF-8");
  }
  const std::string signature = SignatureOf(algorithm_, key_.get(), token);
  if (signature.empty()) return absl::InternalError("signing failed");
  absl::StrAppend(&token, ".", Base64UrlEncode(signature));
  if (token.size() > kMaxTokenBytes) return ClaimsRefused("the token would be larger than 8 KiB");
  return token;
}

}  // namespace lumbar::auth
