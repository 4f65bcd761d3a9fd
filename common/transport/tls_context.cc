#include "common/transport/tls_context.h"

#include <absl/strings/string_view.h>
#include <openssl/err.h>

#include "common/status/macros.h"
#include "common/transport/errors.h"

namespace lumbar::transport {
namespace {

// As ALPN writes them.
constexpr absl::string_view kHttp2AndHttp1 = "\x02h2\x08http/1.1";
constexpr absl::string_view kHttp2 = "\x02h2";

const unsigned char* Octets(absl::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

// Ours come first.
int ChooseProtocol(SSL*, const unsigned char** chosen, unsigned char* size, const unsigned char* offered,
                   unsigned offered_size, void* ours) {
  const absl::string_view& known = *static_cast<const absl::string_view*>(ours);
  unsigned char* found = nullptr;
  const int outcome =
      SSL_select_next_proto(&found, size, Octets(known), static_cast<unsigned>(known.size()), offered, offered_size);
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

// Of a server. `known` is one of the constants above.
void SetProtocols(SSL_CTX* context, const absl::string_view& known) {
  SSL_CTX_set_alpn_select_cb(context, ChooseProtocol, const_cast<absl::string_view*>(&known));
}

absl::StatusOr<TlsContext> MakeContext(const SSL_METHOD* method, const KeyPair& pair) {
  TlsContext context(SSL_CTX_new(method), ReleasedBy<SSL_CTX_free>());
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(context.get(), "ECDHE+AESGCM:ECDHE+CHACHA20");
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SetModes(context.get());
  // Sessions are resumed by tickets, which the clients keep.
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  const int taken =
      SSL_CTX_use_cert_and_key(context.get(), pair.certificate.get(), pair.key.get(), pair.chain.get(), /*override=*/1);
  ERR_clear_error();
  if (taken != 1) return CertificateRefused("its key or signature is too weak, or of a kind that TLS doesn't take");
  return context;
}

// Has each connection's peer checked by `authorities`.
void SetAuthorities(SSL_CTX* context, X509_STORE& authorities) {
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  SSL_CTX_set1_cert_store(context, &authorities);
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
  SSL_CTX_set_num_tickets(context, 0);
}

}  // namespace

absl::StatusOr<TlsContext> MakeServerContext(const KeyPair& pair) {
  LUMBAR_ASSIGN_OR_RETURN(TlsContext context, MakeContext(TLS_server_method(), pair));
  SetProtocols(context.get(), kHttp2AndHttp1);
  return context;
}

absl::StatusOr<TlsContext> MakeMutualServerContext(const KeyPair& pair, X509_STORE& authorities,
                                                   const std::vector<std::string>& callers) {
  LUMBAR_ASSIGN_OR_RETURN(TlsContext context, MakeContext(TLS_server_method(), pair));
  SetProtocols(context.get(), kHttp2);
  SetAuthorities(context.get(), authorities);
  X509_VERIFY_PARAM* const rules = SSL_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_hostflags(rules, X509_CHECK_FLAG_NO_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  for (const std::string& name : callers) {
    // Without any name everybody would be let in.
    if (X509_VERIFY_PARAM_add1_host(rules, name.data(), name.size()) != 1) {
      return CertificateRefused("a caller's name can't be taken");
    }
  }
  return context;
}

absl::StatusOr<TlsContext> MakeClientContext(const KeyPair& pair, X509_STORE& authorities) {
  LUMBAR_ASSIGN_OR_RETURN(TlsContext context, MakeContext(TLS_client_method(), pair));
  SSL_CTX_set_alpn_protos(context.get(), Octets(kHttp2), static_cast<unsigned>(kHttp2.size()));
  SetAuthorities(context.get(), authorities);
  return context;
}

}  // namespace lumbar::transport
