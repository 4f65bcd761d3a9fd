// HTTP/2 on one port, by prior knowledge or by TLS: a server for programs that know what it is.
//
// A server has a few loops, each a thread with an event loop of its own; a connection belongs to one of them for its
// life, handed out in turn, so that nothing of it is ever locked. One turn of a loop reads what a socket has, lets
// nghttp2 take it apart, has the complete requests answered, and sends all answers by one call. The handler gets whole
// requests (of 256 KiB at most); what it does with them, gRPC or anything else, this room doesn't know. A handler may
// answer at once or from another thread later; a stream that has lost its connection meanwhile is still there and
// answers nobody. Against peers that mean harm every quantity has a bound (limits.h), every wait an end, and frames
// that only keep us busy cost credit (flood_guard.h). An end is told by GOAWAY first and the socket lingers, so that
// nothing answered is lost.
//
//     server -> loop -> connection (socket) -> session (nghttp2) -> stream -> handler
#pragma once

#include <absl/status/statusor.h>
#include <absl/time/time.h>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "common/http2/limits.h"
#include "common/http2/loop.h"
#include "common/http2/stream.h"
#include "common/time/clock.h"
#include "common/transport/certificate_files.h"

namespace lumbar::http2 {

struct ServerOptions {
  // Numeric, e.g. "127.0.0.1" or "::".
  std::string address = "127.0.0.1";
  // 0: any free one.
  uint16_t port = 0;
  // 0: one a core, two at most.
  int loops = 0;
  Limits limits;
  // With it, peers must speak TLS as it says; it outlives the server. They are served when they have shaken hands.
  const transport::CertificateFiles* certificates = nullptr;
};

class Server {
 public:
  // Listens and serves from here on. `handler` and `clock` outlive the server; the clock goes on evenly.
  // INVALID_ARGUMENT/INVALID_FIELD: no such address. UNAVAILABLE/PORT_TAKEN: it can't listen there.
  static absl::StatusOr<std::unique_ptr<Server>> Start(const ServerOptions& options, Handler& handler,
                                                       const Clock& clock);
  // Closes whatever is open still.
  ~Server();

  uint16_t port() const { return port_; }
  size_t connections() const;

  // Accepts no more, tells every peer to begin no more, and waits for what runs to end, at most `timeout`; then closes
  // what is open still. The handler isn't called any more when it returns: whether all ended by itself.
  bool Drain(absl::Duration timeout);

 private:
  Server(const ServerOptions& options, Handler& handler, const Clock& clock);
  absl::Status Listen();
  void Accept();
  void OnAccepted(const boost::system::error_code& error, boost::asio::ip::tcp::socket socket);
  void StopAccepting();
  bool AwaitEmpty(absl::Duration timeout);
  void Stop();
  // False: there are too many.
  bool Enter();
  void Leave();

  const ServerOptions options_;
  mutable Mutex mutex_;
  CondVar left_;
  size_t open_ ABSL_GUARDED_BY(mutex_) = 0;
  // The first also accepts.
  std::vector<std::unique_ptr<Loop>> loops_;
  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::steady_timer pause_;
  // The loop that gets the next connection.
  size_t next_ = 0;
  bool serving_ = false;
  uint16_t port_ = 0;
};

}  // namespace lumbar::http2
