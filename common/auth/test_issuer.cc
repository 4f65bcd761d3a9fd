#include "common/auth/test_issuer.h"

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <stdlib.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "common/auth/encoding.h"

namespace lumbar::auth {
namespace {

EvpKey MakeKey(Algorithm algorithm, unsigned rsa_bits) {
  switch (algorithm) {
    case Algorithm::kEdDsa:
      return EvpKey(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
    case Algorithm::kEs256:
      return EvpKey(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
    case Algorithm::kRs256:
      return EvpKey(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", static_cast<size_t>(rsa_bits)));
  }
  return nullptr;
}

// A big number of the key, big-endian; at least `width` bytes.
std::string NumberOf(EVP_PKEY* key, const char* name, int width = 0) {
  BIGNUM* number = nullptr;
  EVP_PKEY_get_bn_param(key, name, &number);
  const BigNumber owned(number);
  std::string bytes(static_cast<size_t>(std::max(width, BN_num_bytes(number))), '\0');
  BN_bn2binpad(number, Bytes(bytes.data()), static_cast<int>(bytes.size()));
  return bytes;
}

std::string RawOf(const std::string& der) {
  const auto* in = Bytes(der.data());
  const EcdsaSignature signature(d2i_ECDSA_SIG(nullptr, &in, static_cast<long>(der.size())));
  std::string raw(64, '\0');
  BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), Bytes(raw.data()), 32);
  BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), Bytes(raw.data()) + 32, 32);
  return raw;
}

// A folder that goes with the program.
struct TemporaryFolder {
  TemporaryFolder() : path((std::filesystem::temp_directory_path() / "lumbar_auth_XXXXXX").string()) {
    if (::mkdtemp(path.data()) == nullptr) std::abort();
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  std::string path;
};

}  // namespace

TestIssuer::TestIssuer(Algorithm algorithm, std::string kid, unsigned rsa_bits)
    : algorithm_(algorithm), kid_(std::move(kid)), key_(MakeKey(algorithm, rsa_bits)) {}

nlohmann::json TestIssuer::Jwk() const {
  if (algorithm_ == Algorithm::kEs256) {
    return {{"kty", "EC"},
            {"crv", "P-256"},
            {"kid", kid_},
            {"x", Base64UrlEncode(NumberOf(key_.get(), OSSL_PKEY_PARAM_EC_PUB_X, 32))},
            {"y", Base64UrlEncode(NumberOf(key_.get(), OSSL_PKEY_PARAM_EC_PUB_Y, 32))}};
  }
  if (algorithm_ == Algorithm::kRs256) {
    return {{"kty", "RSA"},
            {"kid", kid_},
            {"n", Base64UrlEncode(NumberOf(key_.get(), OSSL_PKEY_PARAM_RSA_N))},
            {"e", Base64UrlEncode(NumberOf(key_.get(), OSSL_PKEY_PARAM_RSA_E))}};
  }
  std::string x(32, '\0');
  size_t size = x.size();
  EVP_PKEY_get_raw_public_key(key_.get(), Bytes(x.data()), &size);
  return {{"kty", "OKP"}, {"crv", "Ed25519"}, {"kid", kid_}, {"x", Base64UrlEncode(x)}};
}

nlohmann::json TestIssuer::Header(absl::string_view type) const {
  return {{"alg", std::string(NameOf(algorithm_))}, {"kid", kid_}, {"typ", std::string(type)}};
}

std::string TestIssuer::Signature(absl::string_view text) const {
  const EvpDigestContext context(EVP_MD_CTX_new());
  EVP_DigestSignInit(context.get(), nullptr, algorithm_ == Algorithm::kEdDsa ? nullptr : EVP_sha256(), nullptr,
                     key_.get());
  size_t size = 0;
  EVP_DigestSign(context.get(), nullptr, &size, Bytes(text.data()), text.size());
  std::string signature(size, '\0');
  EVP_DigestSign(context.get(), Bytes(signature.data()), &size, Bytes(text.data()), text.size());
  signature.resize(size);
  return algorithm_ == Algorithm::kEs256 ? RawOf(signature) : signature;
}

std::string TestIssuer::SignTexts(absl::string_view header, absl::string_view payload) const {
  const std::string text = absl::StrCat(Base64UrlEncode(header), ".", Base64UrlEncode(payload));
  return absl::StrCat(text, ".", Base64UrlEncode(Signature(text)));
}

std::string JwksOf(const std::vector<nlohmann::json>& keys) { return nlohmann::json{{"keys", keys}}.dump(); }

std::string TemporaryPath(absl::string_view name) {
  static const TemporaryFolder folder;
  static std::atomic<int> count = 0;
  return absl::StrCat(folder.path, "/", count++, "_", name);
}

void WriteFile(const std::string& path, absl::string_view content) {
  const std::string fresh = path + ".fresh";
  std::ofstream(fresh, std::ios::binary) << std::string(content);
  std::filesystem::rename(fresh, path);
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace lumbar::auth
