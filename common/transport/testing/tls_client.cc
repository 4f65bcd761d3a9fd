#include "common/transport/testing/tls_client.h"

#include <absl/strings/match.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <utility>

#include "common/transport/pem.h"

namespace lumbar::transport {

TlsClient::TlsClient(uint16_t port, absl::string_view protocols, int newest)
    : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), context_(SSL_CTX_new(TLS_client_method())) {
  // As server::Main has it: OpenSSL writes to a connection that may be gone.
  std::signal(SIGPIPE, SIG_IGN);
  const timeval patience = {5, 0};
  setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  (void)connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  SSL_CTX_set_min_proto_version(context_.get(), TLS1_VERSION);
  SSL_CTX_set_max_proto_version(context_.get(), newest);
  // Else it wouldn't even offer versions that are too old.
  SSL_CTX_set_security_level(context_.get(), 0);
  tls_.reset(SSL_new(context_.get()));
  SSL_set_fd(tls_.get(), socket_);
  SSL_set_connect_state(tls_.get());
  SSL_set_alpn_protos(tls_.get(), reinterpret_cast<const unsigned char*>(protocols.data()),
                      static_cast<unsigned>(protocols.size()));
}

TlsClient::~TlsClient() { Cut(); }

void TlsClient::Show(const IssuedPair& pair) {
  const auto certificates = ParseCertificates(pair.certificate);
  const PrivateKey key(PEM_read_bio_PrivateKey(ReaderOf(pair.key).get(), nullptr, NoPassword, nullptr));
  SSL_use_cert_and_key(tls_.get(), certificates->front().get(), key.get(), nullptr, /*override=*/1);
}

bool TlsClient::Handshake() {
  ERR_clear_error();
  return SSL_do_handshake(tls_.get()) == 1;
}

bool TlsClient::Send(absl::string_view bytes) {
  ERR_clear_error();
  size_t sent = 0;
  return SSL_write_ex(tls_.get(), bytes.data(), bytes.size(), &sent) == 1 && sent == bytes.size();
}

std::string TlsClient::Read() {
  std::array<char, 16 * 1024> buffer;
  ERR_clear_error();
  size_t size = 0;
  SSL_read_ex(tls_.get(), buffer.data(), buffer.size(), &size);
  return {buffer.data(), size};
}

std::string TlsClient::ReadUntil(absl::string_view end) {
  std::string all;
  while (!absl::EndsWith(all, end)) {
    const std::string more = Read();
    if (more.empty()) break;
    all += more;
  }
  return all;
}

bool TlsClient::SendRaw(absl::string_view bytes) {
  return send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size());
}

void TlsClient::RenewKeys() { SSL_key_update(tls_.get(), SSL_KEY_UPDATE_REQUESTED); }

void TlsClient::EndSending() {
  SSL_shutdown(tls_.get());
  shutdown(socket_, SHUT_WR);
}

void TlsClient::Cut() {
  if (socket_ >= 0) close(std::exchange(socket_, -1));
}

bool TlsClient::ended() const { return (SSL_get_shutdown(tls_.get()) & SSL_RECEIVED_SHUTDOWN) != 0; }

std::string TlsClient::protocol() const {
  const unsigned char* chosen = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(tls_.get(), &chosen, &size);
  return {reinterpret_cast<const char*>(chosen), size};
}

bool TlsClient::may_resume() const { return SSL_SESSION_is_resumable(SSL_get0_session(tls_.get())) == 1; }

std::string TlsClient::peer() const {
  std::array<char, 100> name = {};
  const Certificate certificate(SSL_get1_peer_certificate(tls_.get()));
  if (certificate == nullptr) return "";
  X509_NAME_get_text_by_NID(X509_get_subject_name(certificate.get()), NID_commonName, name.data(), name.size());
  return name.data();
}

}  // namespace lumbar::transport
