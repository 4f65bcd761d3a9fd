#include "common/auth/test_issuer.h"

#include <openssl/core_names.h>
#include <stdlib.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "common/auth/encoding.h"
#include "common/auth/jwk.h"

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

// A big number of the key, big-endian.
std::string NumberOf(EVP_PKEY* key, const char* name) {
  BIGNUM* number = nullptr;
  EVP_PKEY_get_bn_param(key, name, &number);
  const BigNumber owned(number);
  std::string bytes(static_cast<size_t>(BN_num_bytes(number)), '\0');
  BN_bn2bin(number, Bytes(bytes.data()));
  return bytes;
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
  if (algorithm_ == Algorithm::kRs256) {
    return {{"kty", "RSA"},
            {"kid", kid_},
            {"n", Base64UrlEncode(NumberOf(key_.get(), OSSL_PKEY_PARAM_RSA_N))},
            {"e", Base64UrlEncode(NumberOf(key_.get(), OSSL_PKEY_PARAM_RSA_E))}};
  }
  nlohmann::json jwk = *FormatKey(algorithm_, key_.get());
  jwk["kid"] = kid_;
  return jwk;
}

nlohmann::json TestIssuer::Header(absl::string_view type) const {
  return {{"alg", std::string(NameOf(algorithm_))}, {"kid", kid_}, {"typ", std::string(type)}};
}

std::string TestIssuer::Signature(absl::string_view text) const { return SignatureOf(algorithm_, key_.get(), text); }

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
