// Accepts the connections of the public port, and gives each to whoever speaks what it speaks.
#pragma once

#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/http2/limits.h"
#include "common/http2/loop.h"
#include "common/time/clock.h"
#include "common/transport/certificate_files.h"
#include "services/gateway/edge/connection_set.h"
#include "services/gateway/edge/edge_handler.h"
#include "services/gateway/edge/http2_front.h"
#include "services/gateway/edge/limits.h"
#include "services/gateway/edge/pacer.h"
#include "services/gateway/edge/seats.h"

namespace lumbar::gateway {

// Some loops, each a thread; a connection belongs to one of them for its life.
class HttpServer {
 public:
  // `address` is numeric; port 0 takes any free one; `loops` 0: one a core; TLS is spoken if there are `certificates`.
  // They, `handler` and `front` outlive the server.
  // INVALID_ARGUMENT: no such address. UNAVAILABLE: it can't listen there.
  static absl::StatusOr<std::unique_ptr<HttpServer>> Start(absl::string_view address, uint16_t port, size_t loops,
                                                           const Limits& limits,
                                                           const transport::CertificateFiles* certificates,
                                                           EdgeHandler& handler, Http2Front& front, const Clock& clock);
  // Stop must have been called.
  ~HttpServer();

  uint16_t port() const { return port_; }

  // Accepts no more, closes idle connections and lets running exchanges finish for at most `drain`; then closes their
  // connections, calls `cancel` and waits until the last exchange has come back. Once, by one thread.
  void Stop(absl::Duration drain, const std::function<void()>& cancel);

 private:
  using Tcp = boost::asio::ip::tcp;

  HttpServer(const Limits& limits, size_t loops, const transport::CertificateFiles* certificates, EdgeHandler& handler,
             Http2Front& front, const Clock& clock);

  absl::Status Listen(absl::string_view address, uint16_t port);
  void AwaitArrivals();
  void AcceptSome();
  void PauseAccepting();
  void OnAccepted(Tcp::socket socket);
  void Receive(Tcp::socket socket, std::shared_ptr<void> seat, http2::Loop& loop);
  void TurnAway(Tcp::socket socket);
  void StopAccepting();

  const Limits limits_;
  const http2::Limits http2_limits_;
  const transport::CertificateFiles* const certificates_;
  EdgeHandler& handler_;
  Pacer pacer_;
  // Before the loops, which serve their connections.
  Seats seats_;
  ConnectionSet connections_;
  // The first also accepts.
  std::vector<std::unique_ptr<http2::Loop>> loops_;
  Tcp::acceptor acceptor_;
  boost::asio::steady_timer pause_;
  // The loop that gets the next connection.
  size_t next_ = 0;
  uint16_t port_ = 0;
};

}  // namespace lumbar::gateway
