#include "common/transport/authorities.h"

#include <openssl/err.h>

#include "common/status/macros.h"
#include "common/transport/errors.h"
#include "common/transport/pem.h"

namespace lumbar::transport {
namespace {

absl::Status CheckUse(int use, const KeyPair& pair, X509_STORE& authorities, absl::Time now) {
  const Verification check(X509_STORE_CTX_new());
  X509_STORE_CTX_init(check.get(), &authorities, pair.certificate.get(), pair.chain.get());
  X509_STORE_CTX_set_purpose(check.get(), use);
  X509_STORE_CTX_set_time(check.get(), 0, absl::ToTimeT(now));
  const bool trusted = X509_verify_cert(check.get()) == 1;
  ERR_clear_error();
  if (trusted) return absl::OkStatus();
  return CertificateNotTrusted(X509_verify_cert_error_string(X509_STORE_CTX_get_error(check.get())));
}

}  // namespace

absl::StatusOr<CertificateStore> ParseAuthorities(const std::string& text) {
  const auto certificates = ParseCertificates(text);
  if (!certificates || certificates->empty()) return AuthoritiesRefused();
  CertificateStore store(X509_STORE_new());
  for (const Certificate& authority : *certificates) X509_STORE_add_cert(store.get(), authority.get());
  return store;
}

absl::Status CheckTrusted(const KeyPair& pair, X509_STORE& authorities, absl::Time now) {
  if (DnsNameOf(*pair.certificate).empty()) return CertificateNotTrusted("it has no DNS name");
  LUMBAR_RETURN_IF_ERROR(CheckUse(X509_PURPOSE_SSL_CLIENT, pair, authorities, now));
  return CheckUse(X509_PURPOSE_SSL_SERVER, pair, authorities, now);
}

std::string DnsNameOf(const X509& certificate) {
  const CertificateNames names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr)));
  // OpenSSL counts -1 names if there is no list.
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_DNS) continue;
    const ASN1_STRING* text = name->d.dNSName;
    return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)), static_cast<size_t>(ASN1_STRING_length(text))};
  }
  return "";
}

}  // namespace lumbar::transport
