// Accepts the connections of the public port.
#pragma once

#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>  // Beast 1.74 uses std::exchange without including it.
#include <vector>

#include "services/gateway/edge/connection_set.h"
#include "services/gateway/edge/limits.h"
#include "services/gateway/edge/rest_handler.h"

namespace lumbar::gateway {

class HttpServer {
 public:
  // `address` is numeric; port 0 takes any free one; `threads` 0: one a core. `handler` outlives the server.
  // INVALID_ARGUMENT: no such address. UNAVAILABLE: it can't listen there.
  static absl::StatusOr<std::unique_ptr<HttpServer>> Start(absl::string_view address, uint16_t port, size_t threads,
                                                           const Limits& limits, RestHandler& handler);
  // Stop must have been called.
  ~HttpServer();

  uint16_t port() const { return port_; }

  // Accepts no more, closes idle connections and lets running exchanges finish for at most `drain`; then closes their
  // connections, calls `cancel` and waits until the last exchange has come back. Once, by one thread.
  void Stop(absl::Duration drain, const std::function<void()>& cancel);

 private:
  using Tcp = boost::asio::ip::tcp;

  HttpServer(const Limits& limits, RestHandler& handler);

  absl::Status Listen(absl::string_view address, uint16_t port);
  void Run(size_t threads);
  void Accept();
  void OnAccepted(boost::system::error_code error, Tcp::socket socket);
  void TurnAway(Tcp::socket socket);
  void StopAccepting();

  const Limits limits_;
  RestHandler& handler_;
  boost::asio::io_context context_;
  // Before the connections, whose sockets it serves.
  ConnectionSet connections_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  boost::asio::strand<boost::asio::io_context::executor_type> strand_;
  Tcp::acceptor acceptor_;
  boost::asio::steady_timer pause_;
  uint16_t port_ = 0;
  std::vector<std::thread> threads_;
};

}  // namespace lumbar::gateway
