#include "common/store/digest.h"

#include <openssl/evp.h>

namespace lumbar::store {

std::string Sha256(absl::string_view text) {
  unsigned char bytes[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_Digest(text.data(), text.size(), bytes, &size, EVP_sha256(), nullptr);
  return std::string(bytes, bytes + size);
}

}  // namespace lumbar::store
