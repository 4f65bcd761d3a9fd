// A client of TLS of another make, OpenSSL's own on a blocking socket; for tests only.
#pragma once

#include <absl/strings/string_view.h>

#include <cstdint>
#include <string>

#include "common/transport/openssl.h"
#include "common/transport/testing/authority.h"

namespace lumbar::transport {

// One thread's. Waits five seconds for anything at most. Trusts everybody.
class TlsClient {
 public:
  // `protocols` as ALPN writes them, e.g. "\x02h2"; `newest` is the newest version it speaks.
  explicit TlsClient(uint16_t port, absl::string_view protocols = "", int newest = TLS1_3_VERSION);
  ~TlsClient();
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;

  // Before the handshake: what it answers if it is asked who it is; else nothing.
  void Show(const IssuedPair& pair);
  bool Handshake();
  bool Send(absl::string_view bytes);
  // What there is, waited for; "" at the end.
  std::string Read();
  // Up to and with `end`, or all there is until the connection's end.
  std::string ReadUntil(absl::string_view end);
  // Bytes beneath TLS.
  bool SendRaw(absl::string_view bytes);
  // Asks the server for new keys with the next bytes.
  void RenewKeys();
  // By close_notify and the end of the connection's side, or without a word.
  void EndSending();
  void Cut();

  // The server has ended by close_notify.
  bool ended() const;
  std::string protocol() const;
  // The server has given what another connection could begin with instead of certificates. After the first Read.
  bool may_resume() const;
  // Whom the server says it is.
  std::string peer() const;

 private:
  int socket_;
  std::unique_ptr<SSL_CTX, ReleasedBy<SSL_CTX_free>> context_;
  Tls tls_;
};

}  // namespace lumbar::transport
