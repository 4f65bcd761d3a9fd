#include "services/gateway/edge/arrival.h"

#include <absl/strings/match.h>
#include <absl/strings/string_view.h>
#include <boost/asio/post.hpp>

#include <array>
#include <utility>

namespace lumbar::gateway {
namespace {

namespace net = boost::asio;
using Error = boost::system::error_code;

constexpr absl::string_view kPreface = "PRI";
constexpr absl::string_view kNameOfHttp2 = "h2";

}  // namespace

Arrival::Arrival(transport::Socket socket, const transport::CertificateFiles* certificates, Known known)
    : socket_(std::move(socket)),
      certificates_(certificates),
      timer_(socket_.get_executor()),
      known_(std::move(known)) {}

void Arrival::Start(std::chrono::milliseconds patience) {
  net::post(socket_.get_executor(), [self = shared_from_this(), patience] {
    self->timer_.expires_after(patience);
    self->timer_.async_wait([self](Error error) {
      if (!error) self->CloseNow();
    });
    self->Wait();
  });
}

void Arrival::Close() {
  net::post(socket_.get_executor(), [self = shared_from_this()] { self->CloseNow(); });
}

void Arrival::CloseNow() {
  timer_.cancel();
  socket_.Close();
}

void Arrival::Wait() {
  socket_.async_wait(net::socket_base::wait_read, [self = shared_from_this()](Error error) {
    if (error) return self->CloseNow();
    self->certificates_ != nullptr ? self->Shake() : self->Look();
  });
}

void Arrival::Look() {
  std::array<char, kPreface.size()> bytes = {};
  Error error;
  const size_t size = socket_.peek(net::buffer(bytes), error);
  if (error == net::error::would_block) return Wait();
  if (error) return CloseNow();
  const absl::string_view seen(bytes.data(), size);
  if (absl::StartsWith(kPreface, seen) && size < kPreface.size()) {
    // Less than that once more is all that ever comes.
    if (std::exchange(waits_for_more_, true)) return CloseNow();
    // Else what is there already would wake us again and again.
    socket_.bare().set_option(net::socket_base::receive_low_watermark(static_cast<int>(kPreface.size())), error);
    return error ? CloseNow() : Wait();
  }
  socket_.bare().set_option(net::socket_base::receive_low_watermark(1), error);
  Know(seen == kPreface);
}

// Begun when its first bytes are there: until then a connection costs no more than without TLS.
void Arrival::Shake() {
  Error error;
  if (!socket_.has_tls()) socket_.StartTls(*certificates_->Current(), error);
  if (!error) socket_.Handshake(error);
  if (error == net::error::would_block) return Wait();
  if (error) return CloseNow();
  Know(socket_.protocol() == kNameOfHttp2);
}

void Arrival::Know(bool is_http2) {
  timer_.cancel();
  known_(std::move(socket_), is_http2);
}

}  // namespace lumbar::gateway
