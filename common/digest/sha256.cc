#include "common/digest/sha256.h"

#include <openssl/evp.h>

namespace lumbar {

std::string Sha256(absl::string_view bytes) {
  // Fetched once: EVP_sha256() is looked up anew by each digest, which takes longer than a token's digest.
  static const EVP_MD* const sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  std::string digest(32, '\0');
  EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(digest.data()), nullptr, sha256, nullptr);
  return digest;
}

}  // namespace lumbar
