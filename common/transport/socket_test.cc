#include "common/transport/socket.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

#include <array>
#include <future>
#include <optional>
#include <thread>

#include "common/status/matchers.h"
#include "common/transport/testing/authority.h"
#include "common/transport/testing/tls_client.h"

namespace lumbar::transport {
namespace {

namespace net = boost::asio;
using Error = boost::system::error_code;

// One connection at a time, served by a loop of its own.
class SocketTest : public ::testing::Test {
 protected:
  SocketTest() : acceptor_(context_, {net::ip::make_address("127.0.0.1"), 0}) {
    const IssuedPair issued = Authority().Issue("test", absl::Now());
    auto pair = ParseKeyPair(issued.certificate, issued.key, absl::Now());
    auto tls = pair.ok() ? MakeServerContext(*pair) : pair.status();
    if (tls.ok()) tls_ = *std::move(tls);
  }
  ~SocketTest() override {
    work_.reset();
    if (served_) net::post(context_, [this] { served_->Close(); });
    if (thread_.joinable()) thread_.join();
  }

  uint16_t port() const { return acceptor_.local_endpoint().port(); }

  // Begins TLS with whoever has connected and has `serve` go on, on the loop.
  void Serve(const std::function<void(Socket&)>& serve) {
    served_.emplace(acceptor_.accept());
    Error error;
    served_->StartTls(*tls_, error);
    ASSERT_FALSE(error);
    net::post(context_, [this, serve] { serve(*served_); });
    thread_ = std::thread([this] { context_.run(); });
  }

  // Takes so many bytes and sends them back, and how that ended.
  std::future<Error> Echo(size_t size) {
    auto ended = std::make_shared<std::promise<Error>>();
    echo_.resize(size);
    Serve([this, ended](Socket& socket) {
      net::async_read(socket, net::buffer(echo_), [this, &socket, ended](Error error, size_t) {
        if (error) return ended->set_value(error);
        // In two pieces, as a header and its body come.
        const std::array<net::const_buffer, 2> pieces = {net::buffer(echo_, 3), net::buffer(echo_) + 3};
        net::async_write(socket, pieces, [ended](Error failed, size_t) { ended->set_value(failed); });
      });
    });
    return ended->get_future();
  }

  net::io_context context_{1};
  net::executor_work_guard<net::io_context::executor_type> work_{context_.get_executor()};
  net::ip::tcp::acceptor acceptor_;
  TlsContext tls_;
  std::optional<Socket> served_;
  std::string echo_;
  std::thread thread_;
};

TEST_F(SocketTest, CarriesWhatAsioReadsAndWrites) {
  TlsClient client(port());
  auto ended = Echo(5);
  ASSERT_TRUE(client.Handshake());
  EXPECT_TRUE(client.Send("hello"));
  EXPECT_EQ(client.ReadUntil("hello"), "hello");
  EXPECT_FALSE(ended.get());
  EXPECT_EQ(client.peer(), "test");
}

TEST_F(SocketTest, GoesOnWhenThePeerReadsLate) {
  // More than the system's buffers hold.
  const std::string much = std::string(8 * 1024 * 1024, 'x') + "end";
  TlsClient client(port());
  auto ended = Echo(much.size());
  ASSERT_TRUE(client.Handshake());
  EXPECT_TRUE(client.Send(much));
  EXPECT_TRUE(client.ReadUntil("end") == much);
  EXPECT_FALSE(ended.get());
}

TEST_F(SocketTest, TellsAnEndFromACut) {
  for (const bool says_goodbye : {true, false}) {
    TlsClient client(port());
    auto ended = Echo(5);
    ASSERT_TRUE(client.Handshake());
    EXPECT_TRUE(client.Send("hel"));
    says_goodbye ? client.EndSending() : client.Cut();
    EXPECT_EQ(ended.get() == net::error::eof, says_goodbye);
    context_.stop();
    thread_.join();
    context_.restart();
  }
}

TEST_F(SocketTest, SaysGoodbyeWhenItCloses) {
  TlsClient client(port());
  const auto ended = Echo(5);
  ASSERT_TRUE(client.Handshake());
  client.Send("hello");
  client.ReadUntil("hello");
  net::post(context_, [this] {
    served_->Close();
    served_->Close();
    Error error;
    char byte = 0;
    served_->read_some(net::buffer(&byte, 1), error);
    EXPECT_TRUE(error && error != net::error::would_block) << error.message();
  });
  EXPECT_EQ(client.Read(), "");
  EXPECT_TRUE(client.ended());
}

TEST_F(SocketTest, ChangesItsKeysWhenThePeerAsks) {
  TlsClient client(port());
  auto ended = Echo(10);
  ASSERT_TRUE(client.Handshake());
  client.Send("hello");
  client.RenewKeys();
  client.Send("world");
  EXPECT_EQ(client.ReadUntil("world"), "helloworld");
  EXPECT_FALSE(ended.get());
}

TEST_F(SocketTest, LooksWithoutTaking) {
  TlsClient client(port());
  std::promise<std::string> taken;
  Serve([&](Socket& socket) {
    socket.async_wait(Socket::wait_type::wait_read, [&](Error) {
      Error error;
      std::array<char, 5> bytes = {};
      while (!socket.peek(net::buffer(bytes, 1), error) && error == net::error::would_block) std::this_thread::yield();
      EXPECT_EQ(bytes[0], 'h');
      taken.set_value(std::string(bytes.data(), socket.read_some(net::buffer(bytes), error)));
    });
  });
  ASSERT_TRUE(client.Handshake());
  client.Send("hello");
  EXPECT_EQ(taken.get_future().get(), "hello");
}

TEST_F(SocketTest, FailsWithAPeerThatSpeaksSomethingElseOrVanishes) {
  for (const char* first : {"GET / HTTP/1.1\r\n\r\n", "\x16\x03\x01", ""}) {
    TlsClient client(port());
    auto ended = Echo(5);
    client.SendRaw(first);
    client.Cut();
    const Error error = ended.get();
    EXPECT_TRUE(error && error != net::error::eof) << first << error.message();
    context_.stop();
    thread_.join();
    context_.restart();
  }
}

}  // namespace
}  // namespace lumbar::transport
