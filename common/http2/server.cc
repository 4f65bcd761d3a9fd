#include "common/http2/server.h"

#include <absl/strings/str_cat.h>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <chrono>
#include <future>
#include <utility>

#include "common/status/errors.h"
#include "common/status/macros.h"
#include "common/time/clock.h"

namespace lumbar::http2 {
namespace {

namespace net = boost::asio;
using Tcp = net::ip::tcp;

// After a failed accept, usually for want of file descriptors: a pause, so that the loop doesn't spin.
constexpr auto kAcceptPause = std::chrono::milliseconds(100);

size_t LoopsOf(const ServerOptions& options) {
  if (options.loops > 0) return static_cast<size_t>(options.loops);
  return std::clamp(std::thread::hardware_concurrency(), 1u, 2u);
}

}  // namespace

Server::Server(const ServerOptions& options, Handler& handler, const Clock& clock)
    : options_(options),
      loops_([&] {
        std::vector<std::unique_ptr<Loop>> loops;
        for (size_t i = 0; i < LoopsOf(options); ++i) {
          loops.push_back(std::make_unique<Loop>(
              options_.limits, handler, clock, [this] { Leave(); }, options_.certificates));
        }
        return loops;
      }()),
      acceptor_(loops_.front()->context()),
      pause_(loops_.front()->context()) {}

Server::~Server() { Stop(); }

void Server::Stop() {
  if (!std::exchange(serving_, false)) return;
  StopAccepting();
  for (auto& loop : loops_) loop->Stop();
}

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const ServerOptions& options, Handler& handler,
                                                      const Clock& clock) {
  std::unique_ptr<Server> server(new Server(options, handler, clock));
  LUMBAR_RETURN_IF_ERROR(server->Listen());
  net::post(server->loops_.front()->context(), [raw = server.get()] { raw->Accept(); });
  for (auto& loop : server->loops_) loop->Run();
  server->serving_ = true;
  return server;
}

absl::Status Server::Listen() {
  boost::system::error_code error;
  const auto address = net::ip::make_address(options_.address, error);
  if (error) return InvalidField("host", "give a numeric address, e.g. 127.0.0.1");
  const Tcp::endpoint endpoint(address, options_.port);
  acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(net::socket_base::reuse_address(true), error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(net::socket_base::max_listen_connections, error);
  if (error) {
    return WithReason(
        absl::UnavailableError(absl::StrCat("can't listen on ", options_.address, ":", options_.port, ": ",
                                            error.message(), "; stop what uses it or choose another")),
        "PORT_TAKEN");
  }
  port_ = acceptor_.local_endpoint(error).port();
  return absl::OkStatus();
}

void Server::Accept() {
  if (!acceptor_.is_open()) return;
  acceptor_.async_accept(loops_[next_]->context(), [this](const boost::system::error_code& error, Tcp::socket socket) {
    OnAccepted(error, std::move(socket));
  });
}

void Server::OnAccepted(const boost::system::error_code& error, Tcp::socket socket) {
  if (!acceptor_.is_open()) return;
  if (error) {
    pause_.expires_after(kAcceptPause);
    pause_.async_wait([this](const boost::system::error_code&) { Accept(); });
    return;
  }
  // One too many is closed with `socket`.
  if (Enter()) {
    loops_[next_]->Adopt(transport::Socket(std::move(socket)));
    next_ = (next_ + 1) % loops_.size();
  }
  Accept();
}

void Server::StopAccepting() {
  std::promise<void> stopped;
  net::post(loops_.front()->context(), [&] {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    pause_.cancel();
    stopped.set_value();
  });
  stopped.get_future().wait();
}

bool Server::Enter() {
  const MutexLock lock(mutex_);
  if (open_ >= options_.limits.connections) return false;
  ++open_;
  return true;
}

void Server::Leave() {
  const MutexLock lock(mutex_);
  --open_;
  left_.NotifyAll();
}

size_t Server::connections() const {
  const MutexLock lock(mutex_);
  return open_;
}

bool Server::Drain(absl::Duration timeout) {
  if (!serving_) return true;
  StopAccepting();
  for (auto& loop : loops_) loop->DrainAll();
  const bool ended = AwaitEmpty(timeout);
  Stop();
  return ended;
}

bool Server::AwaitEmpty(absl::Duration timeout) {
  const SteadyClock clock;
  const absl::Time deadline = clock.Now() + timeout;
  const MutexLock lock(mutex_);
  while (open_ > 0) {
    const absl::Duration left = deadline - clock.Now();
    if (left <= absl::ZeroDuration()) return false;
    left_.WaitFor(mutex_, left);
  }
  return true;
}

}  // namespace lumbar::http2
