#include "services/gateway/edge/http_server.h"

#include <boost/asio/post.hpp>
#include <boost/beast/core/ostream.hpp>
#include <boost/beast/http/write.hpp>

#include <algorithm>
#include <future>
#include <sstream>

#include "common/status/errors.h"
#include "common/status/macros.h"
#include "services/gateway/edge/errors.h"
#include "services/gateway/edge/session.h"

namespace lumbar::gateway {
namespace {

namespace net = boost::asio;

// After a failed accept, usually for want of file descriptors: a pause, so that the loop doesn't spin.
constexpr auto kAcceptPause = std::chrono::milliseconds(100);

}  // namespace

HttpServer::HttpServer(const Limits& limits, RestHandler& handler)
    : limits_(limits),
      handler_(handler),
      work_(context_.get_executor()),
      strand_(context_.get_executor()),
      acceptor_(strand_),
      pause_(strand_) {}

HttpServer::~HttpServer() {
  for (auto& thread : threads_) thread.join();
}

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Start(absl::string_view address, uint16_t port, size_t threads,
                                                              const Limits& limits, RestHandler& handler) {
  std::unique_ptr<HttpServer> server(new HttpServer(limits, handler));
  LUMBAR_RETURN_IF_ERROR(server->Listen(address, port));
  server->Run(threads > 0 ? threads : std::max(1u, std::thread::hardware_concurrency()));
  return server;
}

absl::Status HttpServer::Listen(absl::string_view address, uint16_t port) {
  boost::system::error_code error;
  const auto ip = net::ip::make_address(std::string(address), error);
  if (error) return InvalidField("address", "give a numeric address, e.g. 127.0.0.1");
  const Tcp::endpoint endpoint(ip, port);
  acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(net::socket_base::reuse_address(true), error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(net::socket_base::max_listen_connections, error);
  if (error) {
    return WithReason(absl::UnavailableError(absl::StrCat("can't listen on ", address, ":", port, ": ", error.message(),
                                                          "; choose another port")),
                      "EDGE_PORT_TAKEN");
  }
  port_ = acceptor_.local_endpoint(error).port();
  return absl::OkStatus();
}

void HttpServer::Run(size_t threads) {
  net::post(strand_, [this] { Accept(); });
  for (size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { context_.run(); });
}

void HttpServer::Accept() {
  if (!acceptor_.is_open()) return;
  acceptor_.async_accept(net::make_strand(context_), [this](boost::system::error_code error, Tcp::socket socket) {
    OnAccepted(error, std::move(socket));
  });
}

void HttpServer::OnAccepted(boost::system::error_code error, Tcp::socket socket) {
  if (!acceptor_.is_open()) return;
  if (error) {
    pause_.expires_after(kAcceptPause);
    pause_.async_wait([this](boost::system::error_code) { Accept(); });
    return;
  }
  if (connections_.size() >= limits_.connections) {
    TurnAway(std::move(socket));
  } else {
    socket.set_option(Tcp::no_delay(true), error);
    connections_.Make<Session>(std::move(socket), handler_, limits_)->Start();
  }
  Accept();
}

// Says why if the socket takes it at once; a client that doesn't read costs nothing.
void HttpServer::TurnAway(Tcp::socket socket) {
  HttpAnswer answer = handler_.Refuse(TooManyConnections());
  answer.keep_alive(false);
  answer.prepare_payload();
  std::ostringstream text;
  text << answer;
  boost::system::error_code ignored;
  socket.non_blocking(true, ignored);
  socket.write_some(net::buffer(text.str()), ignored);
  socket.shutdown(Tcp::socket::shutdown_both, ignored);
}

void HttpServer::StopAccepting() {
  std::promise<void> stopped;
  net::post(strand_, [&] {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    pause_.cancel();
    stopped.set_value();
  });
  stopped.get_future().wait();
}

void HttpServer::Stop(absl::Duration drain, const std::function<void()>& cancel) {
  StopAccepting();
  connections_.DrainAll();
  if (!connections_.WaitUntilEmpty(drain)) {
    connections_.CloseAll();
    cancel();
    // Every running call has been canceled or has a deadline.
    connections_.WaitUntilEmpty(limits_.max_call_time + limits_.write_time);
  }
  work_.reset();
}

}  // namespace lumbar::gateway
