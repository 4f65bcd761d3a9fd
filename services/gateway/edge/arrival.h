// A connection of which nobody knows yet what it speaks.
#pragma once

#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <memory>

#include "common/transport/certificate_files.h"
#include "common/transport/socket.h"
#include "services/gateway/edge/connection_set.h"

namespace lumbar::gateway {

// With TLS, client and server agree during the handshake, and HTTP/1.1 is spoken with whoever names nothing. Without it
// we look at the first bytes and don't take them: HTTP/2 by prior knowledge begins with "PRI", which is no method of
// HTTP/1.1. Everything runs on the socket's loop, but Drain and Close.
class Arrival final : public Connection, public std::enable_shared_from_this<Arrival> {
 public:
  // Gets the socket once it is known; not called for one that says nothing.
  using Known = std::function<void(transport::Socket, bool is_http2)>;

  // Without `certificates` there is no TLS; else they outlive the arrival.
  Arrival(transport::Socket socket, const transport::CertificateFiles* certificates, Known known);

  // `patience` is how long the client may take for its first bytes, or for the whole handshake.
  void Start(std::chrono::milliseconds patience);
  void Drain() override { Close(); }
  void Close() override;

 private:
  void Wait();
  void Look();
  void Shake();
  void Know(bool is_http2);
  void CloseNow();

  transport::Socket socket_;
  const transport::CertificateFiles* const certificates_;
  boost::asio::steady_timer timer_;
  Known known_;
  // It has had to send more before we look again.
  bool waits_for_more_ = false;
};

}  // namespace lumbar::gateway
