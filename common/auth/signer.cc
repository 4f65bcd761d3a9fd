#include "common/auth/signer.h"

#include <openssl/pem.h>

#include "common/auth/algorithm.h"
#include "common/auth/encoding.h"
#include "common/auth/jwt.h"
#include "common/status/errors.h"

namespace lumbar::auth {
namespace {

absl::Status ClaimsRefused(absl::string_view why) {
  return WithReason(absl::InvalidArgumentError(absl::StrCat("the claims can't be signed: ", why)), "CLAIMS_REFUSED");
}

// OpenSSL would ask on the terminal.
int NoPassphrase(char*, int, int, void*) { return -1; }

}  // namespace

absl::StatusOr<Signer> Signer::Open(const std::string& path, std::string kid) {
  const ErrorQueueGuard guard;
  const Bio file(BIO_new_file(path.c_str(), "rb"));
  EvpKey key(file ? PEM_read_bio_PrivateKey(file.get(), nullptr, NoPassphrase, nullptr) : nullptr);
  if (!key || EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_ED25519 || kid.empty()) {
    return WithReason(absl::InvalidArgumentError(absl::StrCat(
                          path, " must be an unencrypted Ed25519 private key in PEM, and its kid not empty")),
                      "SIGNING_KEY_REFUSED");
  }
  return Signer(std::move(key), std::move(kid));
}

absl::StatusOr<std::string> Signer::Sign(absl::string_view type, const nlohmann::json& claims) const {
  if (!claims.is_object()) return ClaimsRefused("they aren't an object");
  std::string token;
  try {
    const nlohmann::json header = {
        {"alg", std::string(NameOf(Algorithm::kEdDsa))}, {"kid", kid_}, {"typ", std::string(type)}};
    token = absl::StrCat(Base64UrlEncode(header.dump()), ".", Base64UrlEncode(claims.dump()));
  } catch (const nlohmann::json::exception&) {
    return ClaimsRefused("they aren't UTF-8");
  }
  const ErrorQueueGuard guard;
  std::string signature(64, '\0');
  size_t size = signature.size();
  const EvpDigestContext context(EVP_MD_CTX_new());
  if (!context || EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key_.get()) != 1 ||
      EVP_DigestSign(context.get(), Bytes(signature.data()), &size, Bytes(token.data()), token.size()) != 1) {
    return absl::InternalError("Ed25519 signing failed");
  }
  absl::StrAppend(&token, ".", Base64UrlEncode(signature));
  if (token.size() > kMaxTokenBytes) return ClaimsRefused("the token would be larger than 8 KiB");
  return token;
}

}  // namespace lumbar::auth
