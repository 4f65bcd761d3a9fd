// One connection: a socket around a session.
#pragma once

#include <absl/time/time.h>

#include <functional>
#include <memory>
#include <string>

#include "common/http2/session.h"
#include "common/telemetry/log_pace.h"
#include "common/time/clock.h"
#include "common/transport/certificate_files.h"
#include "common/transport/socket.h"

namespace lumbar::http2 {

// What the connections of one loop share.
struct LoopParts {
  const Limits& limits;
  const Clock& clock;
  Handler& handler;
  std::shared_ptr<Runner> runner;
  Ledger ledger;
  // Where every connection reads into, one at a time: idle ones cost no buffer.
  std::string read_buffer;
  // Null: no TLS, unless a socket has it already.
  const transport::CertificateFiles* certificates = nullptr;
  // How many of the connections haven't shaken hands yet.
  size_t shaking = 0;
  LogPace refusals = {};
  LogPace hogs = {};
};

// Everything on one loop. Lives as long as an operation of it waits.
class Connection final : public std::enable_shared_from_this<Connection> {
 public:
  // `on_closed` is called once, when the socket is closed. `parts` outlives the connection's last operation.
  Connection(transport::Socket socket, LoopParts& parts, double age_factor, std::function<void(Connection*)> on_closed);

  void Start();
  // Tells the peer to begin no more, and closes when what runs has ended.
  void Drain();
  // Closes the socket, whatever runs.
  void Close();
  // Looks at the times.
  void Tick();
  // What it holds of requests and answers, in bytes.
  size_t held() const { return session_ == nullptr ? 0 : session_->held(); }

 private:
  using Error = boost::system::error_code;

  void Shake();
  void OnShaken(Error error);
  // It speaks HTTP/2 from here on.
  void Begin();
  void AwaitReadable();
  void OnReadable();
  void ScheduleFlush();
  // Sends all that is ready in as few calls as possible, and goes on reading unless the peer doesn't.
  void Flush();
  // False: the socket takes no more now, or is closed.
  bool Send();
  void AwaitWritable();
  // Our side is over: waits for the peer to close, so that it gets to read what was sent.
  void Linger();
  void Discard();

  LoopParts& parts_;
  transport::Socket socket_;
  const std::function<void(Connection*)> on_closed_;
  // Null before Begin.
  std::unique_ptr<Session> session_;
  std::string out_;
  size_t sent_ = 0;
  size_t discarded_ = 0;
  const absl::Time began_;
  const absl::Time drain_at_;
  // When the socket last took something; when to close, however it stands.
  absl::Time moved_;
  absl::Time close_at_ = absl::InfiniteFuture();
  bool reading_ = false;
  bool writing_ = false;
  bool flushing_ = false;
  bool lingering_ = false;
};

}  // namespace lumbar::http2
