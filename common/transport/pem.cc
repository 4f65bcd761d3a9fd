#include "common/transport/pem.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <utility>

namespace lumbar::transport {

TextBio ReaderOf(const std::string& text) {
  return TextBio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

int NoPassword(char*, int, int, void*) { return -1; }

// What is broken is told from the end by the error that OpenSSL leaves.
std::optional<std::vector<Certificate>> ParseCertificates(const std::string& text) {
  const TextBio reader = ReaderOf(text);
  std::vector<Certificate> certificates;
  ERR_clear_error();
  while (Certificate next{PEM_read_bio_X509(reader.get(), nullptr, NoPassword, nullptr)}) {
    certificates.push_back(std::move(next));
  }
  const auto error = ERR_peek_last_error();
  ERR_clear_error();
  const bool at_end = ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
  if (!at_end) return std::nullopt;
  return certificates;
}

}  // namespace lumbar::transport
