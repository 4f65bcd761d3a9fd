// A connection of which nobody knows yet what it speaks.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <memory>

#include "services/gateway/edge/connection_set.h"

namespace lumbar::gateway {

// Looks at the first bytes without taking them: HTTP/2 by prior knowledge begins with "PRI", which is no method of
// HTTP/1.1. Everything runs on the socket's loop, but Drain and Close.
class Arrival final : public Connection, public std::enable_shared_from_this<Arrival> {
 public:
  // Gets the socket once it is known; not called for one that says nothing.
  using Known = std::function<void(boost::asio::ip::tcp::socket, bool is_http2)>;

  Arrival(boost::asio::ip::tcp::socket socket, Known known);

  // `patience` is how long the client may take for its first bytes.
  void Start(std::chrono::milliseconds patience);
  void Drain() override { Close(); }
  void Close() override;

 private:
  void Wait();
  void Look();
  void CloseNow();

  boost::asio::ip::tcp::socket socket_;
  boost::asio::steady_timer timer_;
  Known known_;
  // It has had to send more before we look again.
  bool waits_for_more_ = false;
};

}  // namespace lumbar::gateway
