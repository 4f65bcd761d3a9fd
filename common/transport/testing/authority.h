// Certificates for tests, made as they are needed.
#pragma once

#include <absl/time/time.h>

#include <string>

#include "common/transport/openssl.h"

namespace lumbar::transport {

// In PEM.
struct IssuedPair {
  std::string certificate;
  std::string key;
};

class Authority {
 public:
  explicit Authority(const std::string& name = "authority");

  // For `name`, "localhost" and 127.0.0.1.
  IssuedPair Issue(const std::string& name, absl::Time begins, absl::Time ends) const;
  // For the day before and the day after `now`.
  IssuedPair Issue(const std::string& name, absl::Time now) const {
    return Issue(name, now - absl::Hours(24), now + absl::Hours(24));
  }
  // For those uses and names alone, as OpenSSL writes them, e.g. "serverAuth" and "DNS:*.example"; time as above.
  IssuedPair IssueFor(const std::string& uses, const std::string& names, absl::Time now) const;
  // Its own.
  std::string certificate() const;

 private:
  Certificate Make(const std::string& name, EVP_PKEY* key, const X509_NAME* issuer, absl::Time begins, absl::Time ends,
                   const char* names, const char* uses = nullptr) const;

  const PrivateKey key_;
  const Certificate own_;
};

}  // namespace lumbar::transport
