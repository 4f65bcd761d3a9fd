#include "services/gateway/edge/session.h"

#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/bind_handler.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <boost/beast/http/write.hpp>

#include "services/gateway/edge/errors.h"

namespace lumbar::gateway {
namespace {

namespace beast = boost::beast;
namespace net = boost::asio;

constexpr size_t kReadBytes = 4096;
// What a client may still send after an answer that ends the connection, and for how long.
constexpr size_t kLingerBytes = 1024 * 1024;
constexpr absl::Duration kLingerTime = absl::Seconds(2);

auto Chrono(absl::Duration duration) { return absl::ToChronoMilliseconds(duration); }

bool IsProtocolError(const boost::system::error_code& error) {
  return error.category() == http::make_error_code(http::error::bad_method).category();
}

}  // namespace

Session::Session(net::ip::tcp::socket socket, EdgeHandler& handler, const Limits& limits)
    : handler_(handler), limits_(limits), stream_(std::move(socket)) {}

void Session::Start() {
  net::dispatch(stream_.get_executor(), [self = shared_from_this()] {
    self->stream_.expires_after(Chrono(self->limits_.header_time));
    self->AwaitRequest();
  });
}

void Session::Drain() {
  net::dispatch(stream_.get_executor(), [self = shared_from_this()] {
    self->is_draining_ = true;
    if (self->phase_ == Phase::kIdle) self->CloseNow();
  });
}

void Session::Close() {
  net::dispatch(stream_.get_executor(), [self = shared_from_this()] { self->CloseNow(); });
}

void Session::CloseNow() {
  Error ignored;
  stream_.socket().shutdown(net::ip::tcp::socket::shutdown_both, ignored);
  stream_.close();
}

// The caller has set how long to wait.
void Session::AwaitRequest() {
  phase_ = Phase::kIdle;
  if (buffer_.size() > 0) return ReadHeader();
  if (is_draining_) return CloseNow();
  stream_.async_read_some(buffer_.prepare(kReadBytes), [self = shared_from_this()](Error error, size_t bytes) {
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
  stream_.expires_after(Chrono(limits_.header_time));
  http::async_read_header(stream_, buffer_, *parser_,
                          [self = shared_from_this()](Error error, size_t) { self->OnHeader(error); });
}

void Session::OnHeader(Error error) {
  if (error) return OnReadError(error);
  stream_.expires_after(Chrono(limits_.body_time));
  if (!beast::iequals(parser_->get()[http::field::expect], "100-continue")) return ReadBody();
  http::async_write(stream_, continue_, [self = shared_from_this()](Error failed, size_t) {
    if (failed) return self->CloseNow();
    self->ReadBody();
  });
}

void Session::ReadBody() {
  http::async_read(stream_, buffer_, *parser_,
                   [self = shared_from_this()](Error error, size_t) { self->OnRequest(error); });
}

void Session::OnRequest(Error error) {
  if (error) return OnReadError(error);
  phase_ = Phase::kServing;
  // The call upstream has a deadline of its own.
  stream_.expires_never();
  HttpRequest request = parser_->release();
  version_ = request.version();
  keeps_alive_ = request.keep_alive();
  wants_head_ = request.method() == http::verb::head;
  handler_.Handle(request, [self = shared_from_this()](HttpAnswer answer) {
    net::post(self->stream_.get_executor(),
              [self, answer = std::move(answer)]() mutable { self->Write(std::move(answer)); });
  });
}

// A client that goes away or is too slow gets no answer; one that doesn't speak HTTP is told so.
void Session::OnReadError(Error error) {
  if (!IsProtocolError(error) || error == http::error::end_of_stream || error == http::error::partial_message) {
    return CloseNow();
  }
  version_ = 11;
  keeps_alive_ = false;
  wants_head_ = false;
  if (error == http::error::header_limit) return Write(handler_.Refuse(HeaderTooLarge(limits_.header_bytes)));
  if (error == http::error::body_limit) return Write(handler_.Refuse(BodyTooLarge(limits_.body_bytes)));
  Write(handler_.Refuse(MalformedRequest("it isn't HTTP/1.1")));
}

void Session::Write(HttpAnswer answer) {
  phase_ = Phase::kWriting;
  answer_ = std::move(answer);
  answer_.version(version_ == 10 ? 10 : 11);
  answer_.keep_alive(keeps_alive_ && !is_draining_);
  answer_.prepare_payload();
  // HEAD tells the length of the body and doesn't send it.
  if (wants_head_) answer_.body().clear();
  stream_.expires_after(Chrono(limits_.write_time));
  http::async_write(stream_, answer_, [self = shared_from_this()](Error error, size_t) { self->OnWritten(error); });
}

void Session::OnWritten(Error error) {
  if (error) return CloseNow();
  if (!answer_.keep_alive()) return Linger();
  stream_.expires_after(Chrono(limits_.idle_time));
  AwaitRequest();
}

void Session::Linger() {
  phase_ = Phase::kLingering;
  Error error;
  stream_.socket().shutdown(net::ip::tcp::socket::shutdown_send, error);
  if (error) return CloseNow();
  stream_.expires_after(Chrono(kLingerTime));
  Discard();
}

void Session::Discard() {
  stream_.async_read_some(net::buffer(discarded_), [self = shared_from_this()](Error error, size_t bytes) {
    self->discarded_bytes_ += bytes;
    if (error || self->discarded_bytes_ > kLingerBytes) return self->CloseNow();
    self->Discard();
  });
}

}  // namespace lumbar::gateway
