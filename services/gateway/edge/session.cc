#include "services/gateway/edge/session.h"

#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/bind_handler.hpp>
#include <boost/beast/core/buffer_traits.hpp>
#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/http/chunk_encode.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <boost/beast/http/serializer.hpp>
#include <boost/beast/http/write.hpp>

#include "common/rpc/errors.h"
#include "services/gateway/edge/errors.h"

namespace lumbar::gateway {
namespace {

namespace beast = boost::beast;
namespace net = boost::asio;

constexpr size_t kReadBytes = 4096;
// What a client may still send after an answer that ends the connection, and for how long.
constexpr size_t kLingerBytes = 1024 * 1024;
constexpr absl::Duration kLingerTime = absl::Seconds(2);

// Whoever is in front of us may read another coding than "chunked" otherwise than we do (RFC 9112, 6.3).
bool IsFramed(const http::request_header<>& header) {
  const auto count = header.count(http::field::transfer_encoding);
  return count == 0 || (count == 1 && beast::iequals(header[http::field::transfer_encoding], "chunked"));
}

Visitor VisitorAt(net::ip::tcp::socket& socket) {
  boost::system::error_code ignored;
  return {socket.remote_endpoint(ignored).address(),
          [executor = socket.get_executor()](std::function<void()> task) { net::dispatch(executor, std::move(task)); }};
}

// That says to come back later; not every protocol says so by its status.
bool IsRefusal(const HttpAnswer& answer) { return answer.count(http::field::retry_after) > 0; }

bool IsProtocolError(const boost::system::error_code& error) {
  return error.category() == http::make_error_code(http::error::bad_method).category();
}

// In one piece: the library writes each field by itself, which takes longer than to put them together.
std::string TextOf(HttpAnswer& answer) {
  std::string text;
  text.reserve(answer.body().size() + 1024);
  http::response_serializer<http::string_body> serializer(answer);
  boost::system::error_code error;
  while (!serializer.is_done() && !error) {
    serializer.next(error, [&](boost::system::error_code&, const auto& buffers) {
      for (const net::const_buffer buffer : beast::buffers_range_ref(buffers)) {
        text.append(static_cast<const char*>(buffer.data()), buffer.size());
      }
      serializer.consume(beast::buffer_bytes(buffers));
    });
  }
  return text;
}

}  // namespace

Session::Session(transport::Socket socket, std::shared_ptr<void> seat, EdgeHandler& handler, const Limits& limits,
                 Pacer& pacer)
    : seat_(std::move(seat)),
      handler_(handler),
      limits_(limits),
      pacer_(pacer),
      socket_(std::move(socket)),
      timer_(socket_.get_executor(), TimePoint::max()),
      hold_(socket_.get_executor()),
      visitor_(VisitorAt(socket_.bare())) {}

void Session::Start() {
  net::dispatch(socket_.get_executor(), [self = shared_from_this()] {
    self->Allow(self->limits_.header_time);
    self->AwaitRequest();
  });
}

void Session::Drain() {
  net::dispatch(socket_.get_executor(), [self = shared_from_this()] {
    self->is_draining_ = true;
    if (self->source_ != nullptr) self->source_->End(rpc::StreamEnded());
    if (self->phase_ == Phase::kIdle) self->CloseNow();
  });
}

void Session::Close() {
  net::dispatch(socket_.get_executor(), [self = shared_from_this()] {
    // Whoever closes all ends what they wait for, too; it isn't the client who is gone.
    self->give_up_ = nullptr;
    self->CloseNow();
  });
}

void Session::CloseNow() {
  if (const auto source = std::exchange(source_, nullptr)) source->End(ClientGone());
  if (const GiveUp give_up = std::exchange(give_up_, nullptr)) give_up();
  hold_.cancel();
  timer_.cancel();
  socket_.Close();
}

void Session::Allow(absl::Duration time) {
  over_at_ = time == absl::InfiniteDuration() ? TimePoint::max()
                                              : std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(time);
  if (over_at_ < timer_.expiry()) AwaitTime();
}

void Session::AwaitTime() {
  timer_.expires_at(over_at_);
  if (over_at_ == TimePoint::max()) return;
  timer_.async_wait([weak = weak_from_this()](Error error) {
    const auto self = weak.lock();
    if (error || self == nullptr) return;
    std::chrono::steady_clock::now() < self->over_at_ ? self->AwaitTime() : self->CloseNow();
  });
}

// The caller has set how long to wait.
void Session::AwaitRequest() {
  phase_ = Phase::kIdle;
  if (buffer_.size() > 0) return ReadHeader();
  if (is_draining_) return CloseNow();
  socket_.async_read_some(buffer_.prepare(kReadBytes), [self = shared_from_this()](Error error, size_t bytes) {
    if (error) return self->CloseNow();
    self->buffer_.commit(bytes);
    self->ReadHeader();
  });
}

void Session::ReadHeader() {
  phase_ = Phase::kReading;
  parser_.emplace();
  parser_->header_limit(static_cast<std::uint32_t>(limits_.header_bytes));
  parser_->body_limit(limits_.body_bytes);
  Allow(limits_.header_time);
  http::async_read_header(socket_, buffer_, *parser_,
                          [self = shared_from_this()](Error error, size_t) { self->OnHeader(error); });
}

void Session::OnHeader(Error error) {
  if (error) return OnReadError(error);
  if (!IsFramed(parser_->get())) return Refuse(MalformedRequest("Transfer-Encoding must be chunked"));
  Allow(limits_.body_time);
  if (!beast::iequals(parser_->get()[http::field::expect], "100-continue")) return ReadBody();
  http::async_write(socket_, continue_, [self = shared_from_this()](Error failed, size_t) {
    if (failed) return self->CloseNow();
    self->ReadBody();
  });
}

void Session::ReadBody() {
  http::async_read(socket_, buffer_, *parser_,
                   [self = shared_from_this()](Error error, size_t) { self->OnRequest(error); });
}

void Session::OnRequest(Error error) {
  if (error) return OnReadError(error);
  phase_ = Phase::kServing;
  // The call upstream has a deadline of its own.
  Allow(absl::InfiniteDuration());
  HttpRequest request = parser_->release();
  version_ = request.version();
  keeps_alive_ = request.keep_alive();
  wants_head_ = request.method() == http::verb::head;
  const auto answered = [self = shared_from_this()](HttpAnswer answer, std::shared_ptr<BodySource> source) {
    net::post(self->socket_.get_executor(), [self, answer = std::move(answer), source = std::move(source)]() mutable {
      self->OnAnswer(std::move(answer), std::move(source));
    });
  };
  give_up_ = handler_.Handle(std::move(request), visitor_, answered);
  if (give_up_ != nullptr) WatchClient();
}

void Session::OnAnswer(HttpAnswer answer, std::shared_ptr<BodySource> source) {
  if (std::exchange(give_up_, nullptr) != nullptr) {
    // Nothing else runs: it ends the watch.
    socket_.Cancel();
  }
  if (source != nullptr) return Begin(std::move(answer), std::move(source));
  IsRefusal(answer) ? Hold(std::move(answer)) : Write(std::move(answer));
}

void Session::Hold(HttpAnswer answer) {
  const absl::Duration wait = pacer_.Turn();
  if (wait <= absl::ZeroDuration() || is_draining_) return Write(std::move(answer));
  answer_ = std::move(answer);
  hold_.expires_after(absl::ToChronoNanoseconds(wait));
  hold_.async_wait([self = shared_from_this()](Error error) {
    if (!error) self->Write(std::move(self->answer_));
  });
}

// A client that goes away or is too slow gets no answer; one that doesn't speak HTTP is told so.
void Session::OnReadError(Error error) {
  if (!IsProtocolError(error) || error == http::error::end_of_stream || error == http::error::partial_message) {
    return CloseNow();
  }
  if (error == http::error::header_limit) return Refuse(HeaderTooLarge(limits_.header_bytes));
  if (error == http::error::body_limit) return Refuse(BodyTooLarge(limits_.body_bytes));
  Refuse(MalformedRequest("it isn't HTTP/1.1"));
}

// Where the next request would begin nobody knows: the connection ends.
void Session::Refuse(const absl::Status& failure) {
  version_ = 11;
  keeps_alive_ = false;
  wants_head_ = false;
  Write(handler_.Refuse(failure));
}

void Session::Write(HttpAnswer answer) {
  phase_ = Phase::kWriting;
  answer_ = std::move(answer);
  answer_.version(version_ == 10 ? 10 : 11);
  answer_.keep_alive(keeps_alive_ && !is_draining_);
  answer_.prepare_payload();
  // HEAD tells the length of the body and doesn't send it.
  if (wants_head_) answer_.body().clear();
  piece_ = TextOf(answer_);
  answer_.body() = std::string();
  Allow(limits_.write_time);
  net::async_write(socket_, net::buffer(piece_),
                   [self = shared_from_this()](Error error, size_t) { self->OnWritten(error); });
}

void Session::OnWritten(Error error) {
  if (error) return CloseNow();
  // A connection that waits holds no answer.
  piece_ = std::string();
  if (!answer_.keep_alive()) return Linger();
  Allow(limits_.idle_time);
  AwaitRequest();
}

void Session::Begin(HttpAnswer head, std::shared_ptr<BodySource> source) {
  phase_ = Phase::kStreaming;
  source_ = std::move(source);
  answer_ = std::move(head);
  answer_.version(version_ == 10 ? 10 : 11);
  answer_.chunked(version_ != 10);
  answer_.keep_alive(keeps_alive_ && !is_draining_ && version_ != 10);
  head_.emplace(answer_);
  Allow(limits_.write_time);
  http::async_write_header(socket_, *head_, [self = shared_from_this()](Error error, size_t) {
    if (error) return self->CloseNow();
    self->WatchClient();
    if (self->is_draining_ && self->source_ != nullptr) self->source_->End(rpc::StreamEnded());
    self->AwaitPiece();
  });
}

void Session::WatchClient() {
  socket_.async_wait(net::socket_base::wait_read, [self = shared_from_this()](Error error) {
    if (error || (self->phase_ != Phase::kServing && self->phase_ != Phase::kStreaming)) return;
    char byte = 0;
    self->socket_.peek(net::buffer(&byte, 1), error);
    // Of TLS's own, or not whole yet.
    if (error == net::error::would_block) return self->WatchClient();
    // What it sends already is its next request.
    if (error) self->CloseNow();
  });
}

void Session::AwaitPiece() {
  if (source_ == nullptr) return;
  Allow(absl::InfiniteDuration());
  source_->Next([self = shared_from_this()](std::optional<std::string> piece) {
    net::post(self->socket_.get_executor(),
              [self, piece = std::move(piece)]() mutable { self->WritePiece(std::move(piece)); });
  });
}

void Session::WritePiece(std::optional<std::string> piece) {
  // Closed meanwhile.
  if (source_ == nullptr) return;
  if (!piece || wants_head_) return EndBody();
  piece_ = *std::move(piece);
  Allow(limits_.write_time);
  const auto written = [self = shared_from_this()](Error error, size_t) {
    if (error || self->source_ == nullptr) return self->CloseNow();
    self->AwaitPiece();
  };
  if (answer_.chunked()) return net::async_write(socket_, http::make_chunk(net::buffer(piece_)), written);
  net::async_write(socket_, net::buffer(piece_), written);
}

void Session::EndBody() {
  phase_ = Phase::kWriting;
  std::exchange(source_, nullptr)->End(ClientGone());
  if (!answer_.chunked() || wants_head_) return OnWritten({});
  Allow(limits_.write_time);
  net::async_write(socket_, http::make_chunk_last(),
                   [self = shared_from_this()](Error error, size_t) { self->OnWritten(error); });
}

void Session::Linger() {
  phase_ = Phase::kLingering;
  Error error;
  socket_.EndSending(error);
  if (error) return CloseNow();
  Allow(kLingerTime);
  Discard();
}

void Session::Discard() {
  socket_.bare().async_read_some(net::buffer(discarded_), [self = shared_from_this()](Error error, size_t bytes) {
    self->discarded_bytes_ += bytes;
    if (error || self->discarded_bytes_ > kLingerBytes) return self->CloseNow();
    self->Discard();
  });
}

}  // namespace lumbar::gateway
