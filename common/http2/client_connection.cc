#include "common/http2/client_connection.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

#include "common/http2/silence.h"
#include "common/telemetry/log.h"

namespace lumbar::http2 {

namespace net = boost::asio;

ClientConnection::ClientConnection(ClientParts& parts, std::function<void()> on_change)
    : parts_(parts),
      socket_(net::ip::tcp::socket(parts.context)),
      on_change_(std::move(on_change)),
      session_(parts.limits, parts.clock.Now()),
      began_(parts.clock.Now()),
      moved_(began_) {}

void ClientConnection::Dial(const Endpoint& endpoint, const std::string& server) {
  server_ = server;
  socket_.bare().async_connect(endpoint, [self = shared_from_this()](Error error) { self->OnConnected(error); });
}

void ClientConnection::OnConnected(Error error) {
  if (closed_) return;
  if (error) return Fail();
  socket_.bare().non_blocking(true, error);
  socket_.bare().set_option(net::ip::tcp::no_delay(true), error);
  WatchForSilence(socket_.bare(), parts_.limits.write_time);
  if (parts_.certificates == nullptr) return Greet();
  socket_.StartTlsTo(*parts_.certificates->Latest()->client, server_, error);
  if (error) return Fail();
  socket_.async_handshake([self = shared_from_this()](Error failed, size_t) { self->OnShaken(failed); });
}

void ClientConnection::OnShaken(Error error) {
  if (closed_) return;
  if (error || socket_.protocol() != "h2") return Fail();
  Greet();
}

void ClientConnection::Greet() {
  connected_ = true;
  Flush();
}

void ClientConnection::Drain() {
  draining_ = true;
  if (session_.streams() == 0) Close();
}

void ClientConnection::Close() {
  if (std::exchange(closed_, true)) return;
  on_change_ = nullptr;
  socket_.Close();
  session_.Lose();
}

// Closes, and says so.
void ClientConnection::Fail() {
  // A server may refuse our certificate after we took its: nothing but its alert comes.
  if (!closed_ && !session_.is_greeted() && !socket_.refusal().empty()) {
    if (const auto left_out = parts_.refusals[server_].Next(parts_.clock.Now())) {
      Log(LogLevel::kWarning, "server_refused",
          {{"server", server_}, {"reason", socket_.refusal()}, {"left_out", *left_out}});
    }
  }
  const auto on_change = std::exchange(on_change_, nullptr);
  Close();
  if (on_change != nullptr) on_change();
}

void ClientConnection::Tick() {
  if (closed_) return;
  const absl::Time now = parts_.clock.Now();
  const Limits& limits = parts_.limits;
  if (!session_.is_greeted() && now - began_ > limits.hello_time) return Fail();
  if (out_.size() > sent_ && now - moved_ > limits.write_time) return Fail();
  if (now - asked_ > limits.ping_time) return Fail();
  if (now - silent_since_ <= limits.quiet_time || asked_ != absl::InfiniteFuture()) return;
  asked_ = now;
  session_.Ping();
  Flush();
}

int32_t ClientConnection::Begin(absl::Span<const Field> header, absl::Span<const Field> once,
                                std::shared_ptr<Caller> caller) {
  if (closed_) return 0;
  const int32_t id = session_.Begin(header, once, std::move(caller));
  if (id != 0) silent_since_ = std::min(silent_since_, parts_.clock.Now());
  ScheduleFlush();
  return id;
}

void ClientConnection::Reset(int32_t id) {
  if (closed_) return;
  session_.Reset(id);
  ScheduleFlush();
}

void ClientConnection::OpenWindow(int32_t id, size_t bytes) {
  if (closed_) return;
  session_.OpenWindow(id, bytes);
  ScheduleFlush();
}

void ClientConnection::AwaitReadable() {
  if (std::exchange(reading_, true)) return;
  socket_.async_wait(net::socket_base::wait_read, [self = shared_from_this()](Error error) {
    self->reading_ = false;
    if (self->closed_) return;
    error ? self->Fail() : self->OnReadable();
  });
}

void ClientConnection::OnReadable() {
  Error error;
  const size_t size = socket_.read_some(net::buffer(parts_.read_buffer), error);
  if (error == net::error::would_block) return AwaitReadable();
  if (error) return Fail();
  const absl::Time now = parts_.clock.Now();
  asked_ = absl::InfiniteFuture();
  if (!session_.Receive(absl::string_view(parts_.read_buffer).substr(0, size), now)) return Fail();
  silent_since_ = session_.streams() == 0 ? absl::InfiniteFuture() : now;
  Flush();
  if (on_change_ != nullptr) on_change_();
}

void ClientConnection::ScheduleFlush() {
  if (!connected_ || std::exchange(flushing_, true)) return;
  // After everything else that is ready, so that requests go out together.
  net::post(socket_.get_executor(), [self = shared_from_this()] {
    self->flushing_ = false;
    self->Flush();
  });
}

void ClientConnection::Flush() {
  while (!closed_) {
    const size_t before = out_.size();
    session_.Produce(out_, parts_.limits.unsent_bytes, parts_.clock.Now());
    if (out_.size() == before && sent_ == out_.size()) break;
    if (!Send()) break;
  }
  if (closed_) return;
  const bool all_sent = sent_ == out_.size();
  if (all_sent && (session_.IsOver() || (draining_ && session_.streams() == 0))) return Fail();
  if (!all_sent) AwaitWritable();
  // Also while the server doesn't read: it may be waiting for us.
  AwaitReadable();
}

bool ClientConnection::Send() {
  Error error;
  const size_t size = socket_.write_some(net::buffer(out_) + sent_, error);
  if (error == net::error::would_block) return false;
  if (error) {
    Fail();
    return false;
  }
  moved_ = parts_.clock.Now();
  sent_ += size;
  if (sent_ < out_.size()) return true;
  out_.clear();
  sent_ = 0;
  return true;
}

void ClientConnection::AwaitWritable() {
  if (std::exchange(writing_, true)) return;
  socket_.async_wait(net::socket_base::wait_write, [self = shared_from_this()](Error error) {
    self->writing_ = false;
    if (self->closed_) return;
    error ? self->Fail() : self->Flush();
  });
}

}  // namespace lumbar::http2
