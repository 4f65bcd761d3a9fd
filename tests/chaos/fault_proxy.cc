// Stands in front of servers and breaks their connections on command. Commands come line by line; the input's end ends
// it:
//   cut NAME        resets every connection
//   stall NAME MS   passes nothing on for so long, then everything
//   half NAME MS    swallows everything for so long, as a peer that vanished would, then resets those connections
#include <CLI/CLI.hpp>
#include <boost/asio.hpp>

#include <array>
#include <iostream>
#include <list>
#include <map>
#include <memory>
#include <sstream>

namespace lumbar::chaos {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

// Of one route; its sessions look at it.
struct Weather {
  explicit Weather(boost::asio::io_context& io) : stall(io), half(io) {}
  boost::asio::steady_timer stall;
  bool stalled = false;
  boost::asio::steady_timer half;
  bool vanished = false;
};

void Reset(tcp::socket& socket) {
  error_code ignored;
  socket.set_option(boost::asio::socket_base::linger(true, 0), ignored);
  socket.close(ignored);
}

class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(tcp::socket client, boost::asio::io_context& io, Weather& weather)
      : client_(std::move(client)), server_(io), weather_(weather), vanished_(weather.vanished) {}

  void Start(const tcp::endpoint& to) {
    server_.async_connect(to, [self = shared_from_this()](error_code error) {
      if (error) return self->Cut();
      error_code ignored;
      self->client_.set_option(tcp::no_delay(true), ignored);
      self->server_.set_option(tcp::no_delay(true), ignored);
      self->Pass(self->client_, self->server_, self->up_);
      self->Pass(self->server_, self->client_, self->down_);
    });
  }
  void Cut() {
    Reset(client_);
    Reset(server_);
  }
  void Vanish() { vanished_ = true; }
  bool vanished() const { return vanished_; }

 private:
  using Buffer = std::array<char, 16384>;

  void Pass(tcp::socket& from, tcp::socket& to, Buffer& buffer) {
    from.async_read_some(boost::asio::buffer(buffer),
                         [self = shared_from_this(), &from, &to, &buffer](error_code error, size_t size) {
                           if (error) return self->Cut();
                           if (self->vanished_) return self->Pass(from, to, buffer);
                           self->Send(from, to, buffer, size);
                         });
  }
  void Send(tcp::socket& from, tcp::socket& to, Buffer& buffer, size_t size) {
    if (weather_.stalled) {
      return weather_.stall.async_wait(
          [self = shared_from_this(), &from, &to, &buffer, size](error_code) { self->Send(from, to, buffer, size); });
    }
    boost::asio::async_write(to, boost::asio::buffer(buffer, size),
                             [self = shared_from_this(), &from, &to, &buffer](error_code error, size_t) {
                               error ? self->Cut() : self->Pass(from, to, buffer);
                             });
  }

  tcp::socket client_;
  tcp::socket server_;
  Weather& weather_;
  bool vanished_;
  Buffer up_;
  Buffer down_;
};

class Route {
 public:
  Route(boost::asio::io_context& io, uint16_t listen, uint16_t to)
      : io_(io), to_(Loopback(to)), acceptor_(io, Loopback(listen)), weather_(io) {
    Accept();
  }

  void Cut() {
    ForEach([](Session& session) { session.Cut(); });
  }
  void Stall(std::chrono::milliseconds time) {
    weather_.stalled = true;
    weather_.stall.expires_after(time);
    weather_.stall.async_wait([this](error_code) { weather_.stalled = false; });
  }
  void Vanish(std::chrono::milliseconds time) {
    weather_.vanished = true;
    ForEach([](Session& session) { session.Vanish(); });
    weather_.half.expires_after(time);
    weather_.half.async_wait([this](error_code) {
      weather_.vanished = false;
      ForEach([](Session& session) {
        if (session.vanished()) session.Cut();
      });
    });
  }

 private:
  static tcp::endpoint Loopback(uint16_t port) { return {boost::asio::ip::address_v4::loopback(), port}; }

  void Accept() {
    acceptor_.async_accept([this](error_code error, tcp::socket socket) {
      if (!error) {
        const auto session = std::make_shared<Session>(std::move(socket), io_, weather_);
        sessions_.remove_if([](const auto& known) { return known.expired(); });
        sessions_.push_back(session);
        session->Start(to_);
      }
      Accept();
    });
  }
  template <typename Act>
  void ForEach(Act act) {
    for (const auto& known : sessions_) {
      if (const auto session = known.lock()) act(*session);
    }
  }

  boost::asio::io_context& io_;
  const tcp::endpoint to_;
  tcp::acceptor acceptor_;
  Weather weather_;
  std::list<std::weak_ptr<Session>> sessions_;
};

class Proxy {
 public:
  // Each route is NAME=LISTEN:TO.
  explicit Proxy(const std::vector<std::string>& routes) {
    for (const std::string& text : routes) {
      const size_t name = text.find('='), to = text.find(':');
      const auto listen = static_cast<uint16_t>(std::stoi(text.substr(name + 1)));
      routes_[text.substr(0, name)] =
          std::make_unique<Route>(io_, listen, static_cast<uint16_t>(std::stoi(text.substr(to + 1))));
    }
    Read();
  }
  void Run() { io_.run(); }

 private:
  void Read() {
    boost::asio::async_read_until(input_, boost::asio::dynamic_buffer(line_), '\n',
                                  [this](error_code error, size_t size) {
                                    if (error) return io_.stop();
                                    Obey(line_.substr(0, size));
                                    line_.erase(0, size);
                                    Read();
                                  });
  }
  void Obey(const std::string& line) {
    std::istringstream words(line);
    std::string what, name;
    int milliseconds = 0;
    words >> what >> name >> milliseconds;
    const auto route = routes_.find(name);
    if (route == routes_.end()) return;
    if (what == "cut") route->second->Cut();
    if (what == "stall") route->second->Stall(std::chrono::milliseconds(milliseconds));
    if (what == "half") route->second->Vanish(std::chrono::milliseconds(milliseconds));
  }

  boost::asio::io_context io_{1};
  boost::asio::posix::stream_descriptor input_{io_, 0};
  std::string line_;
  std::map<std::string, std::unique_ptr<Route>> routes_;
};

}  // namespace
}  // namespace lumbar::chaos

int main(int argc, char** argv) {
  CLI::App app{"Passes TCP connections on, and breaks them on command"};
  std::vector<std::string> routes;
  app.add_option("routes", routes, "NAME=LISTEN:TO, ports of this machine")->required();
  CLI11_PARSE(app, argc, argv);
  try {
    lumbar::chaos::Proxy(routes).Run();
  } catch (const std::exception& error) {
    std::cerr << "fault proxy: " << error.what() << "\n";
    return 1;
  }
  return 0;
}
