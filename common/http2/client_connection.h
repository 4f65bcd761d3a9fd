// One connection to a server: a socket around a client's session.
#pragma once

#include <absl/time/time.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "common/http2/client_session.h"
#include "common/telemetry/log_pace.h"
#include "common/time/clock.h"
#include "common/transport/certificate_files.h"
#include "common/transport/socket.h"

namespace lumbar::http2 {

// What the connections of one loop share.
struct ClientParts {
  const Limits& limits;
  const Clock& clock;
  boost::asio::io_context& context;
  // Where every connection reads into, one at a time.
  std::string read_buffer;
  // With it TLS is spoken, and we show its certificate.
  const transport::CertificateFiles* certificates = nullptr;
  // By server, of which there are few.
  std::map<std::string, LogPace> refusals = {};
};

// Everything on one loop. Lives as long as an operation of it waits.
class ClientConnection final : public std::enable_shared_from_this<ClientConnection> {
 public:
  using Endpoint = boost::asio::ip::tcp::endpoint;

  // `on_change` is called when there may be room, none any more, or the connection is closed: by the loop or Tick, not
  // by whatever else is called here. `parts` outlives the connection's last operation.
  ClientConnection(ClientParts& parts, std::function<void()> on_change);

  // Begins to connect; the one place where a connection is made. Once. With TLS, `server` is the name that the
  // server's certificate must be for, as Socket::StartTlsTo has it.
  void Dial(const Endpoint& endpoint, const std::string& server);
  // Asks for no more; closes when what runs has ended.
  void Drain();
  // Closes at once, and tells the callers, but doesn't call `on_change` any more.
  void Close();
  // Looks at the times.
  void Tick();

  // As the session does.
  int32_t Begin(absl::Span<const Field> header, absl::Span<const Field> once, std::shared_ptr<Caller> caller);
  void Reset(int32_t id);
  void OpenWindow(int32_t id, size_t bytes);
  size_t room() const { return closed_ || draining_ ? 0 : session_.room(); }

  // It is to become one that takes requests.
  bool is_dialing() const { return !closed_ && !draining_ && !session_.is_greeted(); }
  // It was one that takes requests.
  bool was_ready() const { return session_.is_greeted(); }
  // It takes no further requests.
  bool is_ending() const { return closed_ || draining_ || session_.is_ending(); }
  bool is_closed() const { return closed_; }

 private:
  using Error = boost::system::error_code;

  void OnConnected(Error error);
  void OnShaken(Error error);
  void Greet();
  void AwaitReadable();
  void OnReadable();
  void ScheduleFlush();
  void Flush();
  // False: the socket takes no more now, or is closed.
  bool Send();
  void AwaitWritable();
  void Fail();

  ClientParts& parts_;
  transport::Socket socket_;
  std::function<void()> on_change_;
  ClientSession session_;
  std::string server_;
  std::string out_;
  size_t sent_ = 0;
  const absl::Time began_;
  // When the socket last took something, and since when the server owes an answer and says nothing, also of one that
  // nobody waits for any more.
  absl::Time moved_;
  absl::Time silent_since_ = absl::InfiniteFuture();
  // When it was asked whether it lives.
  absl::Time asked_ = absl::InfiniteFuture();
  bool connected_ = false;
  bool reading_ = false;
  bool writing_ = false;
  bool flushing_ = false;
  bool draining_ = false;
  bool closed_ = false;
};

}  // namespace lumbar::http2
