#include "services/gateway/edge/http_server.h"

#include <boost/asio/post.hpp>
#include <boost/beast/core/ostream.hpp>
#include <boost/beast/http/write.hpp>

#include <algorithm>
#include <future>
#include <sstream>
#include <thread>

#include "common/http2/silence.h"
#include "common/rpc/grpc_wire.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "services/gateway/edge/arrival.h"
#include "services/gateway/edge/errors.h"
#include "services/gateway/edge/session.h"

namespace lumbar::gateway {
namespace {

namespace net = boost::asio;

// After a failed accept, usually for want of file descriptors: a pause, so that the loop doesn't spin.
constexpr auto kAcceptPause = std::chrono::milliseconds(100);
// In one turn of the loop, so that those who are here are served among those who come.
constexpr int kAcceptsATurn = 64;

http2::Limits ForHttp2(const Limits& limits) {
  http2::Limits http2;
  http2.header_bytes = limits.header_bytes;
  http2.body_bytes = limits.body_bytes + rpc::kFramePrefixBytes;
  http2.streams = limits.streams;
  http2.loop_bytes = limits.loop_bytes;
  http2.hello_time = limits.header_time;
  http2.request_time = limits.body_time;
  http2.write_time = limits.write_time;
  http2.idle_time = limits.idle_time;
  // Streams that are still there then are told to go on elsewhere.
  http2.age = limits.stream_time;
  return http2;
}

size_t LoopsOf(size_t wanted) { return wanted > 0 ? wanted : std::max(1u, std::thread::hardware_concurrency()); }

// An HTTP/2 connection's place among the connections; its loop ends it.
class Ticket final : public Connection {
 public:
  explicit Ticket(std::shared_ptr<void> seat) : seat_(std::move(seat)) {}
  void Drain() override {}
  void Close() override {}

 private:
  const std::shared_ptr<void> seat_;
};

}  // namespace

HttpServer::HttpServer(const Limits& limits, size_t loops, const transport::CertificateFiles* certificates,
                       EdgeHandler& handler, Http2Front& front, const Clock& clock)
    : limits_(limits),
      http2_limits_(ForHttp2(limits)),
      certificates_(certificates),
      handler_(handler),
      pacer_(clock),
      seats_(limits.connections_of_one, handler.trusted_proxies()),
      loops_([&] {
        std::vector<std::unique_ptr<http2::Loop>> made;
        for (size_t i = 0; i < LoopsOf(loops); ++i) {
          made.push_back(std::make_unique<http2::Loop>(http2_limits_, front, clock, [] {}));
        }
        return made;
      }()),
      acceptor_(loops_.front()->context()),
      pause_(loops_.front()->context()) {}

HttpServer::~HttpServer() = default;

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Start(absl::string_view address, uint16_t port, size_t loops,
                                                              const Limits& limits,
                                                              const transport::CertificateFiles* certificates,
                                                              EdgeHandler& handler, Http2Front& front,
                                                              const Clock& clock) {
  std::unique_ptr<HttpServer> server(new HttpServer(limits, loops, certificates, handler, front, clock));
  LUMBAR_RETURN_IF_ERROR(server->Listen(address, port));
  net::post(server->loops_.front()->context(), [raw = server.get()] { raw->AwaitArrivals(); });
  for (auto& loop : server->loops_) loop->Run();
  return server;
}

absl::Status HttpServer::Listen(absl::string_view address, uint16_t port) {
  boost::system::error_code error;
  const auto ip = net::ip::make_address(std::string(address), error);
  if (error) return InvalidField("http-host", "give a numeric address, e.g. 127.0.0.1");
  const Tcp::endpoint endpoint(ip, port);
  acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(net::socket_base::reuse_address(true), error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(net::socket_base::max_listen_connections, error);
  if (!error) acceptor_.non_blocking(true, error);
  if (error) {
    return WithReason(absl::UnavailableError(absl::StrCat("can't listen on ", address, ":", port, ": ", error.message(),
                                                          "; choose another port")),
                      "EDGE_PORT_TAKEN");
  }
  port_ = acceptor_.local_endpoint(error).port();
  return absl::OkStatus();
}

void HttpServer::AwaitArrivals() {
  if (!acceptor_.is_open()) return;
  acceptor_.async_wait(Tcp::acceptor::wait_read, [this](boost::system::error_code error) {
    if (!acceptor_.is_open()) return;
    error ? PauseAccepting() : AcceptSome();
  });
}

void HttpServer::AcceptSome() {
  for (int i = 0; i < kAcceptsATurn; ++i) {
    boost::system::error_code error;
    Tcp::socket socket = acceptor_.accept(loops_[next_]->context(), error);
    if (error == net::error::would_block) break;
    // It was gone before we came to it.
    if (error == net::error::connection_aborted) continue;
    if (error) return PauseAccepting();
    OnAccepted(std::move(socket));
  }
  AwaitArrivals();
}

void HttpServer::PauseAccepting() {
  pause_.expires_after(kAcceptPause);
  pause_.async_wait([this](boost::system::error_code) { AwaitArrivals(); });
}

void HttpServer::OnAccepted(Tcp::socket socket) {
  boost::system::error_code gone;
  auto seat = seats_.Take(socket.remote_endpoint(gone).address());
  if (seat == nullptr || connections_.size() >= limits_.connections) return TurnAway(std::move(socket));
  Receive(std::move(socket), std::move(seat), *loops_[next_]);
  next_ = (next_ + 1) % loops_.size();
}

void HttpServer::Receive(Tcp::socket socket, std::shared_ptr<void> seat, http2::Loop& loop) {
  boost::system::error_code ignored;
  socket.set_option(Tcp::no_delay(true), ignored);
  http2::WatchForSilence(socket, limits_.write_time);
  const auto known = [this, seat = std::move(seat), &loop](transport::Socket met, bool is_http2) {
    if (is_http2) return loop.Adopt(std::move(met), connections_.Make<Ticket>(seat));
    connections_.Make<Session>(std::move(met), seat, handler_, limits_, pacer_)->Start();
  };
  const absl::Duration patience = certificates_ != nullptr ? limits_.handshake_time : limits_.header_time;
  connections_.Make<Arrival>(transport::Socket(std::move(socket)), certificates_, known)
      ->Start(absl::ToChronoMilliseconds(patience));
}

// Says why if the socket takes it at once; a client that doesn't read costs nothing. A handshake isn't worth it.
void HttpServer::TurnAway(Tcp::socket socket) {
  if (certificates_ != nullptr) return;
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
  net::post(loops_.front()->context(), [&] {
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
  for (auto& loop : loops_) loop->DrainAll();
  if (!connections_.WaitUntilEmpty(drain)) {
    connections_.CloseAll();
    // Before the streams' clients seem to be gone.
    cancel();
    for (auto& loop : loops_) loop->CloseAll();
    // Every running call has been canceled or has a deadline.
    connections_.WaitUntilEmpty(limits_.max_call_time + limits_.write_time);
  }
  for (auto& loop : loops_) loop->Stop();
  handler_.running().AwaitNone();
}

}  // namespace lumbar::gateway
