// Owners for the objects of OpenSSL that TLS needs.
#pragma once

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>

namespace lumbar::transport {

template <auto Free>
struct ReleasedBy {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};

inline void FreeChain(STACK_OF(X509) * chain) { sk_X509_pop_free(chain, X509_free); }

using TextBio = std::unique_ptr<BIO, ReleasedBy<BIO_free_all>>;
using PrivateKey = std::unique_ptr<EVP_PKEY, ReleasedBy<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, ReleasedBy<X509_free>>;
using CertificateChain = std::unique_ptr<STACK_OF(X509), ReleasedBy<FreeChain>>;
using CertificateStore = std::unique_ptr<X509_STORE, ReleasedBy<X509_STORE_free>>;
using CertificateNames = std::unique_ptr<GENERAL_NAMES, ReleasedBy<GENERAL_NAMES_free>>;
using Verification = std::unique_ptr<X509_STORE_CTX, ReleasedBy<X509_STORE_CTX_free>>;
using Tls = std::unique_ptr<SSL, ReleasedBy<SSL_free>>;

}  // namespace lumbar::transport
