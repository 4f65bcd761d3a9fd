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

}  // namespace

Arrival::Arrival(net::ip::tcp::socket socket, Known known)
    : socket_(std::move(socket)), timer_(socket_.get_executor()), known_(std::move(known)) {}

void Arrival::Start(std::chrono::milliseconds patience) {
  net::post(socket_.get_executor(), [self = shared_from_this(), patience] {
    Error ignored;
    self->socket_.non_blocking(true, ignored);
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
  Error ignored;
  timer_.cancel();
  socket_.close(ignored);
}

void Arrival::Wait() {
  socket_.async_wait(net::socket_base::wait_read,
                     [self = shared_from_this()](Error error) { error ? self->CloseNow() : self->Look(); });
}

void Arrival::Look() {
  std::array<char, kPreface.size()> bytes = {};
  Error error;
  const size_t size = socket_.receive(net::buffer(bytes), net::socket_base::message_peek, error);
  if (error == net::error::would_block) return Wait();
  if (error) return CloseNow();
  const absl::string_view seen(bytes.data(), size);
  if (absl::StartsWith(kPreface, seen) && size < kPreface.size()) {
    // Less than that once more is all that ever comes.
    if (std::exchange(waits_for_more_, true)) return CloseNow();
    // Else what is there already would wake us again and again.
    socket_.set_option(net::socket_base::receive_low_watermark(static_cast<int>(kPreface.size())), error);
    return error ? CloseNow() : Wait();
  }
  socket_.set_option(net::socket_base::receive_low_watermark(1), error);
  timer_.cancel();
  known_(std::move(socket_), seen == kPreface);
}

}  // namespace lumbar::gateway
