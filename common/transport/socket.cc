#include "common/transport/socket.h"

#include <boost/asio/error.hpp>
#include <openssl/err.h>

#include "common/transport/authorities.h"

namespace lumbar::transport {

namespace net = boost::asio;

namespace {

// Whom a certificate must be for, and whom a server of several names is asked for. As OpenSSL's macro does it, but for
// its cast.
bool SetName(SSL& tls, std::string name) {
  return SSL_set1_host(&tls, name.c_str()) == 1 &&
         SSL_ctrl(&tls, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data()) == 1;
}

}  // namespace

Socket::Socket(Tcp::socket bare) : bare_(std::move(bare)) {
  Error ignored;
  bare_.non_blocking(true, ignored);
}

void Socket::Wrap(SSL_CTX& context, Error& error) {
  tls_.reset(SSL_new(&context));
  const bool ready = tls_ != nullptr && SSL_set_fd(tls_.get(), bare_.native_handle()) == 1;
  error = ready ? Error() : net::error::make_error_code(net::error::no_memory);
}

void Socket::StartTls(SSL_CTX& context, Error& error) {
  Wrap(context, error);
  if (!error) SSL_set_accept_state(tls_.get());
}

void Socket::StartTlsTo(SSL_CTX& context, const std::string& server, Error& error) {
  Wrap(context, error);
  if (error) return;
  SSL_set_connect_state(tls_.get());
  const std::string name = server.empty() ? DnsNameOf(*SSL_CTX_get0_certificate(&context)) : server;
  SSL_set_hostflags(tls_.get(), X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  const bool is_numeric = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls_.get()), name.c_str()) == 1;
  ERR_clear_error();
  // An empty name would be no check.
  const bool is_set = !name.empty() && (is_numeric || SetName(*tls_, name));
  if (!is_set) error = net::error::make_error_code(net::error::invalid_argument);
}

void Socket::Handshake(Error& error) {
  if (tls_ == nullptr) return error.assign(ENOTCONN, boost::system::system_category());
  ERR_clear_error();
  Understand(SSL_do_handshake(tls_.get()), read_waits_, error);
}

absl::string_view Socket::refusal() const {
  const auto verified = tls_ == nullptr ? X509_V_OK : SSL_get_verify_result(tls_.get());
  if (verified != X509_V_OK) return X509_verify_cert_error_string(verified);
  const char* const reason = why_broken_ == 0 ? nullptr : ERR_reason_error_string(why_broken_);
  return reason == nullptr ? "" : reason;
}

absl::string_view Socket::protocol() const {
  const unsigned char* chosen = nullptr;
  unsigned size = 0;
  if (tls_ != nullptr) SSL_get0_alpn_selected(tls_.get(), &chosen, &size);
  return {reinterpret_cast<const char*>(chosen), size};
}

void Socket::Understand(int result, wait_type& waits, Error& error) {
  error = {};
  if (result > 0) return;
  switch (SSL_get_error(tls_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      waits = wait_type::wait_read;
      error = net::error::would_block;
      return;
    case SSL_ERROR_WANT_WRITE:
      waits = wait_type::wait_write;
      error = net::error::would_block;
      return;
    case SSL_ERROR_ZERO_RETURN:
      error = net::error::eof;
      return;
    default:
      // Nothing may be said to the peer after that.
      broken_ = true;
      why_broken_ = ERR_peek_last_error();
      error = net::error::connection_aborted;
  }
}

size_t Socket::read_some(net::mutable_buffer buffer, Error& error) {
  if (tls_ == nullptr) return bare_.read_some(net::mutable_buffers_1(buffer), error);
  size_t size = 0;
  ERR_clear_error();
  Understand(SSL_read_ex(tls_.get(), buffer.data(), buffer.size(), &size), read_waits_, error);
  return size;
}

size_t Socket::peek(net::mutable_buffer buffer, Error& error) {
  if (tls_ == nullptr) return bare_.receive(net::mutable_buffers_1(buffer), net::socket_base::message_peek, error);
  size_t size = 0;
  ERR_clear_error();
  Understand(SSL_peek_ex(tls_.get(), buffer.data(), buffer.size(), &size), read_waits_, error);
  return size;
}

size_t Socket::write_some(net::const_buffer buffer, Error& error) {
  if (tls_ == nullptr) return bare_.write_some(net::const_buffers_1(buffer), error);
  size_t size = 0;
  ERR_clear_error();
  Understand(SSL_write_ex(tls_.get(), buffer.data(), buffer.size(), &size), write_waits_, error);
  return size;
}

void Socket::SayGoodbye() {
  if (tls_ == nullptr || broken_ || SSL_is_init_finished(tls_.get()) == 0) return;
  if ((SSL_get_shutdown(tls_.get()) & SSL_SENT_SHUTDOWN) != 0) return;
  SSL_shutdown(tls_.get());
  ERR_clear_error();
}

void Socket::EndSending(Error& error) {
  SayGoodbye();
  read_waits_ = wait_type::wait_read;
  bare_.shutdown(Tcp::socket::shutdown_send, error);
}

void Socket::Cancel() {
  Error ignored;
  bare_.cancel(ignored);
}

void Socket::Close() {
  SayGoodbye();
  // It knows the descriptor, which the next connection may get.
  tls_.reset();
  Error ignored;
  bare_.close(ignored);
}

}  // namespace lumbar::transport
