#include "common/transport/errors.h"

#include <absl/strings/str_cat.h>

#include "common/status/errors.h"

namespace lumbar::transport {
namespace {

absl::Status Refused(absl::string_view reason, absl::string_view message) {
  return WithReason(absl::InvalidArgumentError(message), reason);
}

}  // namespace

absl::Status TlsFileUnreadable(absl::string_view path) {
  return WithReason(absl::NotFoundError(absl::StrCat("can't read ", path, "; check the path and the mode")),
                    "TLS_FILE_UNREADABLE");
}
absl::Status CertificateRefused(absl::string_view why) {
  return Refused("CERTIFICATE_REFUSED", absl::StrCat("the certificate file is refused: ", why));
}
absl::Status CertificateExpired() {
  return Refused("CERTIFICATE_EXPIRED", "a certificate of the file has expired; renew it");
}
absl::Status CertificateNotYetValid() {
  return Refused("CERTIFICATE_NOT_YET_VALID", "a certificate of the file isn't valid yet; check this machine's clock");
}
absl::Status PrivateKeyRefused() {
  return Refused("PRIVATE_KEY_REFUSED",
                 "the key file is refused: it must hold one private key in PEM, without a password");
}
absl::Status PrivateKeyOfAnother() {
  return Refused("PRIVATE_KEY_OF_ANOTHER", "the key isn't that of the certificate, which must come first in its file");
}
absl::Status AuthoritiesRefused() {
  return Refused("AUTHORITIES_REFUSED",
                 "the authorities' file is refused: it must hold whole certificates in PEM, and one at least");
}
absl::Status CertificateNotTrusted(absl::string_view why) {
  return Refused(
      "CERTIFICATE_NOT_TRUSTED",
      absl::StrCat("peers with the same authorities would refuse the certificate, as client or server: ", why));
}

}  // namespace lumbar::transport
