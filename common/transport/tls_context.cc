#include "common/transport/tls_context.h"

#include <absl/strings/string_view.h>
#include <openssl/err.h>

#include "common/transport/errors.h"

namespace lumbar::transport {
namespace {

constexpr absl::string_view kHttp2AndHttp1 = "\x02h2\x08http/1.1";

const unsigned char* Octets(absl::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

// Ours come first.
int ChooseProtocol(SSL*, const unsigned char** chosen, unsigned char* size, const unsigned char* offered,
                   unsigned offered_size, void*) {
  unsigned char* found = nullptr;
  const int outcome =
      SSL_select_next_proto(&found, size, Octets(kHttp2AndHttp1), kHttp2AndHttp1.size(), offered, offered_size);
  *chosen = found;
  return outcome == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

// A connection that waits keeps no buffers; a record that isn't data gives the loop's turn back; what is sent may lie
// elsewhere when it is tried again.
void SetModes(SSL_CTX* context) {
  SSL_CTX_set_mode(context,
                   SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_clear_mode(context, SSL_MODE_AUTO_RETRY);
}

}  // namespace

absl::StatusOr<TlsContext> MakeServerContext(const KeyPair& pair) {
  TlsContext context(SSL_CTX_new(TLS_server_method()), ReleasedBy<SSL_CTX_free>());
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(context.get(), "ECDHE+AESGCM:ECDHE+CHACHA20");
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_alpn_select_cb(context.get(), ChooseProtocol, nullptr);
  SetModes(context.get());
  // Sessions are resumed by tickets, which the clients keep.
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  const int taken =
      SSL_CTX_use_cert_and_key(context.get(), pair.certificate.get(), pair.key.get(), pair.chain.get(), /*override=*/1);
  ERR_clear_error();
  if (taken != 1) return CertificateRefused("its key or signature is too weak, or of a kind that TLS doesn't take");
  return context;
}

}  // namespace lumbar::transport
