#include "common/auth/algorithm.h"

#include <cstdint>

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

// The other way round; empty if it isn't DER.
std::string RawOf(const std::string& der) {
  const auto* in = Bytes(der.data());
  const EcdsaSignature signature(d2i_ECDSA_SIG(nullptr, &in, static_cast<int64_t>(der.size())));
  std::string raw(2 * kEs256Half, '\0');
  if (!signature || BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), Bytes(raw.data()), kEs256Half) < 0 ||
      BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), Bytes(raw.data()) + kEs256Half, kEs256Half) < 0) {
    return "";
  }
  return raw;
}

// Ed25519 hashes by itself.
const EVP_MD* DigestOf(Algorithm algorithm) { return algorithm == Algorithm::kEdDsa ? nullptr : EVP_sha256(); }

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

std::string SignatureOf(Algorithm algorithm, EVP_PKEY* key, absl::string_view text) {
  const ErrorQueueGuard guard;
  const EvpDigestContext context(EVP_MD_CTX_new());
  size_t size = 0;
  if (!context || EVP_DigestSignInit(context.get(), nullptr, DigestOf(algorithm), nullptr, key) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &size, Bytes(text.data()), text.size()) != 1) {
    return "";
  }
  std::string signature(size, '\0');
  if (EVP_DigestSign(context.get(), Bytes(signature.data()), &size, Bytes(text.data()), text.size()) != 1) return "";
  signature.resize(size);
  return algorithm == Algorithm::kEs256 ? RawOf(signature) : signature;
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
  return context && EVP_DigestVerifyInit(context.get(), nullptr, DigestOf(algorithm), nullptr, key) == 1 &&
         EVP_DigestVerify(context.get(), Bytes(signature.data()), signature.size(), Bytes(signed_text.data()),
                          signed_text.size()) == 1;
}

}  // namespace lumbar::auth
