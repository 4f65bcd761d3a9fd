// Those who sign the certificates that peers show each other.
#pragma once

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include <string>

#include "common/transport/key_pair.h"

namespace lumbar::transport {

// In PEM, one at least. INVALID_ARGUMENT/AUTHORITIES_REFUSED.
absl::StatusOr<CertificateStore> ParseAuthorities(const std::string& text);

// Whether peers that have the same authorities take the pair at `now`, as a client's and as a server's: signed by them,
// fit for both uses, with a DNS name. INVALID_ARGUMENT/CERTIFICATE_NOT_TRUSTED.
absl::Status CheckTrusted(const KeyPair& pair, X509_STORE& authorities, absl::Time now);

// The first DNS name that a certificate is for; "" if it has none.
std::string DnsNameOf(const X509& certificate);

}  // namespace lumbar::transport
