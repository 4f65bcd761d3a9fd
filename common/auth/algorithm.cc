#include "common/auth/algorithm.h"

namespace lumbar::auth {
namespace {

constexpr size_t kEs256Half = 32;

// JWS carries an ECDSA signature as r || s (RFC 7518, section 3.4), OpenSSL reads DER. Empty if it isn't 64 bytes.
std::string DerOf(absl::string_view raw) {
  if (raw.size() != 2 * kEs256Half) return "";
  const EcdsaSignature signature(ECDSA_SIG_new());
  BigNumber r(BN_bin2bn(Bytes(raw.data()), kEs256Half, nullptr));
  BigNumber s(BN_bin2bn(Bytes(raw.data()) + kEs256Half, kEs256Half, nullptr));
  if (!signature || !r || !s || ECDSA_SIG_set0(signature.get(), r.get(), s.get()) != 1) return "";
  static_cast<void>(r.release());
  static_cast<void>(s.release());
  const int size = i2d_ECDSA_SIG(signature.get(), nullptr);
  if (size <= 0) return "";
  std::string der(static_cast<size_t>(size), '\0');
  auto* out = Bytes(der.data());
  return i2d_ECDSA_SIG(signature.get(), &out) == size ? der : "";
}

}  // namespace

absl::string_view NameOf(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::kEdDsa:
      return "EdDSA";
    case Algorithm::kEs256:
      return "ES256";
    case Algorithm::kRs256:
      return "RS256";
  }
  return "";
}

bool SignatureHolds(Algorithm algorithm, EVP_PKEY* key, absl::string_view signed_text, absl::string_view signature) {
  const ErrorQueueGuard guard;
  std::string der;
  if (algorithm == Algorithm::kEs256) {
    der = DerOf(signature);
    if (der.empty()) return false;
    signature = der;
  }
  const EvpDigestContext context(EVP_MD_CTX_new());
  const EVP_MD* digest = algorithm == Algorithm::kEdDsa ? nullptr : EVP_sha256();
  return context && EVP_DigestVerifyInit(context.get(), nullptr, digest, nullptr, key) == 1 &&
         EVP_DigestVerify(context.get(), Bytes(signature.data()), signature.size(), Bytes(signed_text.data()),
                          signed_text.size()) == 1;
}

}  // namespace lumbar::auth
