#include "common/cache/redis_connection.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/write.hpp>
#include <hiredis/hiredis.h>

#include <utility>
#include <vector>

namespace lumbar::cache {

namespace net = boost::asio;

void FreeReply::operator()(redisReply* reply) const { freeReplyObject(reply); }

std::string Command(std::initializer_list<absl::string_view> words) {
  return CommandOf(absl::MakeConstSpan(words.begin(), words.size()));
}

std::string CommandOf(absl::Span<const absl::string_view> words) {
  std::vector<const char*> starts;
  std::vector<size_t> sizes;
  for (const absl::string_view word : words) {
    starts.push_back(word.data());
    sizes.push_back(word.size());
  }
  char* bytes = nullptr;
  const int size = redisFormatCommandArgv(&bytes, static_cast<int>(starts.size()), starts.data(), sizes.data());
  std::string command(bytes, static_cast<size_t>(size));
  redisFreeCommand(bytes);
  return command;
}

bool IsError(const redisReply& reply) { return reply.type == REDIS_REPLY_ERROR; }

absl::string_view TextOf(const redisReply& reply) {
  return reply.str == nullptr ? absl::string_view() : absl::string_view(reply.str, static_cast<size_t>(reply.len));
}

RedisConnection::RedisConnection(net::ip::tcp::socket socket, net::ssl::context* tls)
    : socket_(std::move(socket)), reader_(redisReaderCreate(), &redisReaderFree) {
  Error ignored;
  socket_.set_option(net::ip::tcp::no_delay(true), ignored);
  if (tls != nullptr) tls_.emplace(socket_, *tls);
}

RedisConnection::~RedisConnection() = default;

void RedisConnection::Handshake(const std::string& host, std::function<void(bool)> done) {
  if (!tls_) return done(true);
  std::string name = host;
  SSL_ctrl(tls_->native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data());
  tls_->set_verify_callback(net::ssl::host_name_verification(host));
  tls_->async_handshake(net::ssl::stream_base::client,
                        [self = shared_from_this(), done = std::move(done)](const Error& error) { done(!error); });
}

void RedisConnection::Start(Events events) {
  events_ = std::move(events);
  Read();
}

void RedisConnection::Read() {
  auto on_read = [self = shared_from_this()](const Error& error, size_t size) { self->OnRead(error, size); };
  tls_ ? tls_->async_read_some(net::buffer(in_), std::move(on_read))
       : socket_.async_read_some(net::buffer(in_), std::move(on_read));
}

void RedisConnection::OnRead(const Error& error, size_t size) {
  if (!open_) return;
  if (error || redisReaderFeed(reader_.get(), in_.data(), size) != REDIS_OK) return Fail();
  while (open_) {
    void* made = nullptr;
    if (redisReaderGetReply(reader_.get(), &made) != REDIS_OK) return Fail();
    if (made == nullptr) return Read();
    // Copied: whoever is told may change who is told.
    const auto told = events_.reply;
    told(Reply(static_cast<redisReply*>(made)));
  }
}

void RedisConnection::Write(absl::string_view command) {
  if (!open_) return;
  out_.append(command.data(), command.size());
  if (writing_.empty()) Flush();
}

void RedisConnection::Flush() {
  writing_.swap(out_);
  auto on_written = [self = shared_from_this()](const Error& error, size_t) {
    if (!self->open_) return;
    if (error) return self->Fail();
    self->writing_.clear();
    if (!self->out_.empty()) self->Flush();
  };
  tls_ ? net::async_write(*tls_, net::buffer(writing_), std::move(on_written))
       : net::async_write(socket_, net::buffer(writing_), std::move(on_written));
}

void RedisConnection::Fail() {
  if (!open_) return;
  const auto closed = events_.closed;
  Close();
  if (closed) closed();
}

void RedisConnection::Close() {
  open_ = false;
  events_ = {};
  Error ignored;
  socket_.close(ignored);
}

}  // namespace lumbar::cache
