// How TLS is spoken here: 1.2 and 1.3, with forward secrecy and authenticated ciphers alone; no renegotiation, no
// compression.
#pragma once

#include <absl/status/statusor.h>

#include <memory>

#include "common/transport/key_pair.h"

namespace lumbar::transport {

// What connections are begun with; those that have begun keep it alive.
using TlsContext = std::shared_ptr<SSL_CTX>;

// A client chooses HTTP/2 or HTTP/1.1 by ALPN (RFC 7301), or says nothing; one that offers only other things is
// refused. Fails with CERTIFICATE_REFUSED if OpenSSL takes the pair for too weak.
absl::StatusOr<TlsContext> MakeServerContext(const KeyPair& pair);

}  // namespace lumbar::transport
