#include "common/http2/connection.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

#include "common/http2/silence.h"
#include "common/telemetry/log.h"

namespace lumbar::http2 {
namespace {

namespace net = boost::asio;

// What a peer may still send after we have ended the connection.
constexpr size_t kLingerBytes = 1024 * 1024;
constexpr absl::string_view kNameOfHttp2 = "h2";

}  // namespace

Connection::Connection(transport::Socket socket, LoopParts& parts, double age_factor,
                       std::function<void(Connection*)> on_closed)
    : parts_(parts),
      socket_(std::move(socket)),
      on_closed_(std::move(on_closed)),
      began_(parts.clock.Now()),
      drain_at_(began_ + parts.limits.age * age_factor),
      moved_(began_) {}

void Connection::Start() {
  Error error;
  socket_.bare().set_option(net::ip::tcp::no_delay(true), error);
  WatchForSilence(socket_.bare(), parts_.limits.write_time);
  parts_.certificates == nullptr || socket_.has_tls() ? Begin() : Shake();
}

void Connection::Shake() {
  if (parts_.shaking >= parts_.limits.handshakes) return Close();
  Error error;
  socket_.StartTls(*parts_.certificates->Current(), error);
  if (error) return Close();
  ++parts_.shaking;
  socket_.async_handshake([self = shared_from_this()](Error failed, size_t) { self->OnShaken(failed); });
}

void Connection::OnShaken(Error error) {
  --parts_.shaking;
  if (!socket_.is_open()) return;
  if (!error && socket_.protocol() == kNameOfHttp2) return Begin();
  if (const auto left_out = parts_.refusals.Next(parts_.clock.Now())) {
    Log(LogLevel::kWarning, "caller_refused",
        {{"reason", error ? socket_.refusal() : "no HTTP/2 by ALPN"}, {"left_out", *left_out}});
  }
  Close();
}

void Connection::Begin() {
  Error error;
  const auto peer = socket_.bare().remote_endpoint(error).address();
  session_ = std::make_unique<Session>(
      parts_.limits, parts_.ledger, parts_.handler, parts_.runner, [this] { ScheduleFlush(); }, parts_.clock.Now(),
      peer);
  Flush();
}

void Connection::Drain() {
  if (!socket_.is_open() || lingering_) return;
  if (session_ == nullptr) return Close();
  session_->Drain();
  Flush();
}

void Connection::Close() {
  if (!socket_.is_open()) return;
  socket_.Close();
  // Streams whose answers are still being made learn that nobody waits for them.
  session_.reset();
  on_closed_(this);
}

void Connection::Tick() {
  if (!socket_.is_open()) return;
  const absl::Time now = parts_.clock.Now();
  if (session_ == nullptr) {
    if (now - began_ > parts_.limits.handshake_time) Close();
    return;
  }
  const bool stuck = out_.size() > sent_ && now - moved_ > parts_.limits.write_time;
  if (stuck || now >= close_at_) return Close();
  if (lingering_) return;
  if (session_->IsSilent(now)) return Close();
  session_->Tick(now);
  if (now >= drain_at_ || session_->IsIdle(now)) {
    session_->Drain();
    close_at_ = std::min(close_at_, now + parts_.limits.age_grace);
  }
  Flush();
}

void Connection::AwaitReadable() {
  if (std::exchange(reading_, true)) return;
  socket_.async_wait(net::socket_base::wait_read, [self = shared_from_this()](Error error) {
    self->reading_ = false;
    if (!self->socket_.is_open()) return;
    if (error) return self->Close();
    self->lingering_ ? self->Discard() : self->OnReadable();
  });
}

void Connection::OnReadable() {
  Error error;
  const size_t size = socket_.read_some(net::buffer(parts_.read_buffer), error);
  if (error == net::error::would_block) return AwaitReadable();
  if (error) return Close();
  session_->Receive(absl::string_view(parts_.read_buffer).substr(0, size), parts_.clock.Now());
  Flush();
}

void Connection::ScheduleFlush() {
  if (std::exchange(flushing_, true)) return;
  // After everything else that is ready, so that answers go out together.
  net::post(socket_.get_executor(), [self = shared_from_this()] {
    self->flushing_ = false;
    self->Flush();
  });
}

void Connection::Flush() {
  if (!socket_.is_open() || lingering_) return;
  while (true) {
    const size_t before = out_.size();
    session_->Produce(out_, parts_.limits.unsent_bytes, parts_.clock.Now());
    if (out_.size() == before && sent_ == out_.size()) break;
    if (!Send()) break;
  }
  if (!socket_.is_open()) return;
  const bool all_sent = sent_ == out_.size();
  if (all_sent && session_->IsOver()) return Linger();
  if (!all_sent) return AwaitWritable();
  if (!session_->stopped_reading()) AwaitReadable();
}

bool Connection::Send() {
  Error error;
  const size_t size = socket_.write_some(net::buffer(out_) + sent_, error);
  if (error == net::error::would_block) return false;
  if (error) {
    Close();
    return false;
  }
  moved_ = parts_.clock.Now();
  sent_ += size;
  if (sent_ < out_.size()) return true;
  out_.clear();
  sent_ = 0;
  return true;
}

void Connection::AwaitWritable() {
  if (std::exchange(writing_, true)) return;
  socket_.async_wait(net::socket_base::wait_write, [self = shared_from_this()](Error error) {
    self->writing_ = false;
    if (!self->socket_.is_open()) return;
    if (error) return self->Close();
    self->Flush();
  });
}

void Connection::Linger() {
  if (session_->is_stranger()) return Close();
  lingering_ = true;
  close_at_ = parts_.clock.Now() + parts_.limits.linger_time;
  Error error;
  socket_.EndSending(error);
  if (error) return Close();
  AwaitReadable();
}

void Connection::Discard() {
  Error error;
  discarded_ += socket_.bare().read_some(net::buffer(parts_.read_buffer), error);
  const bool more = !error || error == net::error::would_block;
  if (!more || discarded_ > kLingerBytes) return Close();
  AwaitReadable();
}

}  // namespace lumbar::http2
