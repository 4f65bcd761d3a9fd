// Every way in which a certificate or its key is refused. No message repeats anything from the files.
#pragma once

#include <absl/status/status.h>
#include <absl/strings/string_view.h>

namespace lumbar::transport {

// NOT_FOUND/TLS_FILE_UNREADABLE.
absl::Status TlsFileUnreadable(absl::string_view path);
// INVALID_ARGUMENT, with the reason that the function is named after.
absl::Status CertificateRefused(absl::string_view why);
absl::Status CertificateExpired();
absl::Status CertificateNotYetValid();
absl::Status PrivateKeyRefused();
absl::Status PrivateKeyOfAnother();
absl::Status AuthoritiesRefused();
absl::Status CertificateNotTrusted(absl::string_view why);

}  // namespace lumbar::transport
