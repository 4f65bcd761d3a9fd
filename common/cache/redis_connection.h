// One connection to Redis on an event loop: bytes of commands out, replies in. hiredis reads and writes the protocol.
#pragma once

#include <absl/strings/string_view.h>
#include <absl/types/span.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

#include <array>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>

struct redisReader;
struct redisReply;

namespace lumbar::cache {

struct FreeReply {
  void operator()(redisReply* reply) const;
};
using Reply = std::unique_ptr<redisReply, FreeReply>;

// As it goes over the wire.
std::string Command(std::initializer_list<absl::string_view> words);
std::string CommandOf(absl::Span<const absl::string_view> words);

bool IsError(const redisReply& reply);
// "" if it is no text.
absl::string_view TextOf(const redisReply& reply);

// Everything on the loop. Replies come in the order of commands; who asked what is the owner's affair.
class RedisConnection : public std::enable_shared_from_this<RedisConnection> {
 public:
  struct Events {
    std::function<void(Reply)> reply;
    // It was closed, by either side; nothing comes after this. Not called by Close.
    std::function<void()> closed;
  };

  // Connected already; `tls` is the handshake's context, or null.
  explicit RedisConnection(boost::asio::ip::tcp::socket socket, boost::asio::ssl::context* tls);
  ~RedisConnection();

  // Calls `done` with whether the peer is who it should be.
  void Handshake(const std::string& host, std::function<void(bool)> done);
  void Start(Events events);
  // Changes who is told.
  void Follow(Events events) { events_ = std::move(events); }
  // What is written while a write is under way goes out together with the rest after it.
  void Write(absl::string_view command);
  void Close();

 private:
  using Error = boost::system::error_code;
  using Tls = boost::asio::ssl::stream<boost::asio::ip::tcp::socket&>;

  void Read();
  void OnRead(const Error& error, size_t size);
  void Flush();
  void Fail();

  boost::asio::ip::tcp::socket socket_;
  std::optional<Tls> tls_;
  const std::unique_ptr<redisReader, void (*)(redisReader*)> reader_;
  Events events_;
  std::array<char, 64 * 1024> in_;
  std::string out_;
  std::string writing_;
  bool open_ = true;
};

}  // namespace lumbar::cache
