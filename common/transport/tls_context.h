// How TLS is spoken here: 1.2 and 1.3, with forward secrecy and authenticated ciphers alone; no renegotiation, no
// compression.
#pragma once

#include <absl/status/statusor.h>

#include <memory>
#include <string>
#include <vector>

#include "common/transport/key_pair.h"

namespace lumbar::transport {

// What connections are begun with; those that have begun keep it alive.
using TlsContext = std::shared_ptr<SSL_CTX>;

// All of these fail with CERTIFICATE_REFUSED if OpenSSL takes the pair for too weak.

// For a public port. A client chooses HTTP/2 or HTTP/1.1 by ALPN (RFC 7301), or says nothing; one that offers only
// other things is refused.
absl::StatusOr<TlsContext> MakeServerContext(const KeyPair& pair);

// For a port between processes: HTTP/2 alone, and a client must show a certificate that one of `authorities` signed and
// that is for one of the DNS names `callers`, letter by letter; for any if there are none. No session is resumed, so
// that each connection is checked.
absl::StatusOr<TlsContext> MakeMutualServerContext(const KeyPair& pair, X509_STORE& authorities,
                                                   const std::vector<std::string>& callers);

// For calls to such a port. Which name the server must have is told for each connection, see Socket::StartTlsTo.
absl::StatusOr<TlsContext> MakeClientContext(const KeyPair& pair, X509_STORE& authorities);

}  // namespace lumbar::transport
