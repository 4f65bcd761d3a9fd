// A TCP connection, bare or with TLS on it, which http2 and Beast use alike.
#pragma once

#include <absl/strings/string_view.h>
#include <boost/asio/buffer.hpp>
#include <boost/asio/compose.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>

#include "common/transport/tls_context.h"

namespace lumbar::transport {

// One loop's. It never blocks: what can't be done now fails with would_block, and async_wait tells when to try again.
// TLS is spoken over the same descriptor, so that waiting means the same and a connection that waits holds no buffers.
// A program that uses TLS ignores SIGPIPE, as server::Main does.
class Socket {
 public:
  using Error = boost::system::error_code;
  using Tcp = boost::asio::ip::tcp;
  using executor_type = Tcp::socket::executor_type;
  using wait_type = Tcp::socket::wait_type;

  explicit Socket(Tcp::socket bare);

  executor_type get_executor() { return bare_.get_executor(); }
  // Beneath TLS: for options, and for what needn't be understood.
  Tcp::socket& bare() { return bare_; }
  bool is_open() const { return bare_.is_open(); }

  // From here on TLS is spoken, as a server; or as a client, to whoever has a certificate for `server`, a DNS name or a
  // numeric address. "": for the name that our own certificate has.
  void StartTls(SSL_CTX& context, Error& error);
  void StartTlsTo(SSL_CTX& context, const std::string& server, Error& error);
  bool has_tls() const { return tls_ != nullptr; }
  // One step; reading and writing would take it, too.
  void Handshake(Error& error);
  // All of them: handler(error, 0).
  template <typename Handler>
  void async_handshake(Handler&& handler);
  // Why the last call failed, in OpenSSL's words, which have nothing of the peer's; "" if it doesn't say.
  absl::string_view refusal() const;
  // What was chosen by ALPN; "" if nothing.
  absl::string_view protocol() const;

  // eof: the peer has ended its side as it should.
  size_t read_some(boost::asio::mutable_buffer buffer, Error& error);
  // Looks at what comes next without taking it.
  size_t peek(boost::asio::mutable_buffer buffer, Error& error);
  // After would_block the next call must begin with the same bytes.
  size_t write_some(boost::asio::const_buffer buffer, Error& error);

  // Until the last read, or write, that failed with would_block may be tried again.
  template <typename Handler>
  void async_wait(wait_type side, Handler&& handler) {
    bare_.async_wait(side == wait_type::wait_read ? read_waits_ : write_waits_, std::forward<Handler>(handler));
  }

  template <typename Handler>
  using Returned =
      typename boost::asio::async_result<std::decay_t<Handler>, void(boost::system::error_code, size_t)>::return_type;
  // As Asio's concepts AsyncReadStream and AsyncWriteStream want it.
  template <typename Buffers, typename Handler>
  Returned<Handler> async_read_some(const Buffers& buffers, Handler&& handler);
  template <typename Buffers, typename Handler>
  Returned<Handler> async_write_some(const Buffers& buffers, Handler&& handler);

  // Tells the peer that nothing more comes; it may go on sending, and what it sends is read from bare().
  void EndSending(Error& error);
  void Cancel();
  // Doesn't wait for the peer; says goodbye in TLS if the socket takes it at once. Any number of times.
  void Close();

 private:
  template <typename Attempt>
  struct Operation;

  template <typename Attempt, typename Handler>
  Returned<Handler> Repeat(wait_type side, Attempt attempt, Handler&& handler);
  void Wrap(SSL_CTX& context, Error& error);
  // What OpenSSL's `result` means.
  void Understand(int result, wait_type& waits, Error& error);
  void SayGoodbye();

  Tcp::socket bare_;
  Tls tls_;
  // What each side waits for: within TLS a read may have to write, and a write to read.
  wait_type read_waits_ = wait_type::wait_read;
  wait_type write_waits_ = wait_type::wait_write;
  bool broken_ = false;
  uint64_t why_broken_ = 0;
};

// Tries until it would no longer block.
template <typename Attempt>
struct Socket::Operation {
  Socket& socket;
  wait_type side;
  Attempt attempt;
  Error result = {};
  size_t size = 0;
  bool waited = false;
  bool done = false;

  template <typename Self>
  void operator()(Self& self, Error error = {}) {
    if (error) return self.complete(error, size_t{0});
    if (done) return self.complete(result, size);
    size = attempt(socket, result);
    if (result == boost::asio::error::would_block) {
      waited = true;
      return socket.async_wait(side, std::move(self));
    }
    // No operation calls its handler before it returns.
    done = true;
    waited ? self.complete(result, size) : boost::asio::post(socket.get_executor(), std::move(self));
  }
};

template <typename Attempt, typename Handler>
Socket::Returned<Handler> Socket::Repeat(wait_type side, Attempt attempt, Handler&& handler) {
  return boost::asio::async_compose<Handler, void(Error, size_t)>(Operation<Attempt>{*this, side, std::move(attempt)},
                                                                  handler, bare_);
}

template <typename Handler>
void Socket::async_handshake(Handler&& handler) {
  const auto step = [](Socket& socket, Error& error) {
    socket.Handshake(error);
    return size_t{0};
  };
  Repeat(wait_type::wait_read, step, std::forward<Handler>(handler));
}

template <typename Buffers, typename Handler>
Socket::Returned<Handler> Socket::async_read_some(const Buffers& buffers, Handler&& handler) {
  if (tls_ == nullptr) return bare_.async_read_some(buffers, std::forward<Handler>(handler));
  boost::asio::mutable_buffer first;
  for (auto it = boost::asio::buffer_sequence_begin(buffers);
       first.size() == 0 && it != boost::asio::buffer_sequence_end(buffers); ++it) {
    first = *it;
  }
  return Repeat(
      wait_type::wait_read, [first](Socket& socket, Error& error) { return socket.read_some(first, error); },
      std::forward<Handler>(handler));
}

template <typename Buffers, typename Handler>
Socket::Returned<Handler> Socket::async_write_some(const Buffers& buffers, Handler&& handler) {
  if (tls_ == nullptr) return bare_.async_write_some(buffers, std::forward<Handler>(handler));
  // As much as fits in a record, so that a header and its body aren't encrypted apart.
  std::string record(std::min(boost::asio::buffer_size(buffers), size_t{SSL3_RT_MAX_PLAIN_LENGTH}), '\0');
  boost::asio::buffer_copy(boost::asio::buffer(record), buffers);
  return Repeat(
      wait_type::wait_write,
      [record = std::move(record)](Socket& socket, Error& error) {
        return socket.write_some(boost::asio::buffer(record), error);
      },
      std::forward<Handler>(handler));
}

}  // namespace lumbar::transport
