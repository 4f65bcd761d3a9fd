#include "common/transport/key_pair.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <algorithm>
#include <ctime>
#include <utility>

#include "common/status/macros.h"
#include "common/transport/errors.h"
#include "common/transport/pem.h"

namespace lumbar::transport {
namespace {

absl::StatusOr<absl::Time> TimeOf(const ASN1_TIME* time) {
  std::tm parts = {};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return CertificateRefused("it has a time that isn't one");
  return absl::FromTM(parts, absl::UTCTimeZone());
}

absl::StatusOr<absl::Time> ExpiryOf(const X509* certificate, absl::Time now) {
  LUMBAR_ASSIGN_OR_RETURN(const absl::Time begins, TimeOf(X509_get0_notBefore(certificate)));
  LUMBAR_ASSIGN_OR_RETURN(const absl::Time ends, TimeOf(X509_get0_notAfter(certificate)));
  if (now < begins) return CertificateNotYetValid();
  if (now >= ends) return CertificateExpired();
  return ends;
}

absl::Status TakeCertificates(const std::string& text, absl::Time now, KeyPair& pair) {
  auto certificates = ParseCertificates(text);
  if (!certificates) return CertificateRefused("it is broken, or written only in part");
  pair.chain.reset(sk_X509_new_null());
  for (Certificate& next : *certificates) {
    LUMBAR_ASSIGN_OR_RETURN(const absl::Time expires, ExpiryOf(next.get(), now));
    pair.expires = std::min(pair.expires, expires);
    if (pair.certificate == nullptr) {
      pair.certificate = std::move(next);
    } else if (sk_X509_push(pair.chain.get(), next.get()) > 0) {
      static_cast<void>(next.release());
    }
  }
  return pair.certificate == nullptr ? CertificateRefused("it holds none in PEM") : absl::OkStatus();
}

}  // namespace

absl::StatusOr<KeyPair> ParseKeyPair(const std::string& certificates, const std::string& key, absl::Time now) {
  KeyPair pair;
  LUMBAR_RETURN_IF_ERROR(TakeCertificates(certificates, now, pair));
  pair.key.reset(PEM_read_bio_PrivateKey(ReaderOf(key).get(), nullptr, NoPassword, nullptr));
  const bool fits = pair.key != nullptr && X509_check_private_key(pair.certificate.get(), pair.key.get()) == 1;
  ERR_clear_error();
  if (pair.key == nullptr) return PrivateKeyRefused();
  if (!fits) return PrivateKeyOfAnother();
  return pair;
}

}  // namespace lumbar::transport
