// The public port over an upstream that a test answers for, and a client that sends what it is told to.
#pragma once

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <gtest/gtest.h>
#include <prometheus/registry.h>

#include <memory>
#include <optional>
#include <sstream>
#include <utility>

#include "common/status/matchers.h"
#include "common/telemetry/log.h"
#include "services/gateway/edge/admission.h"
#include "services/gateway/edge/edge.h"
#include "services/gateway/edge/fake_upstream.h"
#include "services/gateway/edge/http.h"
#include "services/gateway/edge/testing.h"

namespace lumbar::gateway {

namespace net = boost::asio;

inline constexpr absl::string_view kHealth = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";

// A client that sends what it is told to, HTTP or not.
class RawClient {
 public:
  explicit RawClient(uint16_t port) : socket_(context_) {
    socket_.connect({net::ip::make_address("127.0.0.1"), port}, error_);
  }

  bool Send(absl::string_view text) {
    net::write(socket_, net::buffer(text.data(), text.size()), error_);
    return !error_;
  }

  void EndSending() { socket_.shutdown(net::ip::tcp::socket::shutdown_send, error_); }

  // Nothing if the server closed instead.
  std::optional<HttpAnswer> Read(bool to_head = false) {
    http::response_parser<http::string_body> parser;
    parser.skip(to_head);
    http::read(socket_, buffer_, parser, error_);
    if (error_) return std::nullopt;
    return parser.release();
  }

  std::optional<HttpAnswer> Exchange(absl::string_view text) {
    Send(text);
    return Read();
  }

  bool IsClosed() {
    char byte = 0;
    const size_t read = socket_.read_some(net::buffer(&byte, 1), error_);
    return read == 0 && error_;
  }

 private:
  net::io_context context_;
  net::ip::tcp::socket socket_;
  boost::beast::flat_buffer buffer_;
  boost::system::error_code error_;
};

class EdgeTest : public ::testing::Test {
 protected:
  EdgeTest() { InitLoggingTo(log_, "gateway", LogLevel::kInfo); }

  void Start(const Limits& limits = Limits(), size_t loops = 2,
             const transport::CertificateFiles* certificates = nullptr,
             std::shared_ptr<Admission> admission = nullptr) {
    EdgeOptions options;
    options.address = "127.0.0.1";
    options.port = 0;
    options.loops = loops;
    options.limits = limits;
    options.certificates = certificates;
    options.services = AllServices();
    options.admission = std::move(admission);
    auto edge = Edge::Start(std::move(options), upstream_, std::make_shared<prometheus::Registry>(), clock_, clock_);
    ASSERT_THAT(edge, IsOk());
    edge_ = *std::move(edge);
  }

  std::ostringstream log_;
  SystemClock clock_;
  FakeUpstream upstream_;
  std::unique_ptr<Edge> edge_;
};

}  // namespace lumbar::gateway
