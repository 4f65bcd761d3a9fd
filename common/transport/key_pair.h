// A certificate and its private key, looked at before they are used.
#pragma once

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include <string>

#include "common/transport/openssl.h"

namespace lumbar::transport {

struct KeyPair {
  Certificate certificate;
  // Whoever signed it, the nearest first, as far as the file tells.
  CertificateChain chain;
  PrivateKey key;
  // When the first of the certificates ends.
  absl::Time expires = absl::InfiniteFuture();
};

// Both in PEM: the certificate before those that signed it; a key without a password. Every certificate must be valid
// at `now`, and the key that of the first. Fails by the functions of errors.h.
absl::StatusOr<KeyPair> ParseKeyPair(const std::string& certificates, const std::string& key, absl::Time now);

}  // namespace lumbar::transport
