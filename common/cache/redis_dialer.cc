#include "common/cache/redis_dialer.h"

#include <absl/strings/match.h>
#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <boost/asio/connect.hpp>
#include <boost/asio/steady_timer.hpp>
#include <hiredis/hiredis.h>

#include <utility>

namespace lumbar::cache {
namespace {

namespace net = boost::asio;
using Tcp = net::ip::tcp;
using Error = boost::system::error_code;

std::optional<RedisAddress> AddressIn(const redisReply& reply) {
  if (reply.type != REDIS_REPLY_ARRAY || reply.elements != 2) return std::nullopt;
  RedisAddress address{std::string(TextOf(*reply.element[0])), 0};
  if (!absl::SimpleAtoi(TextOf(*reply.element[1]), &address.port)) return std::nullopt;
  return address;
}

// ROLE's answer begins with it; sentinels may be late to know.
bool IsReplica(const redisReply& reply) {
  return reply.type == REDIS_REPLY_ARRAY && reply.elements > 0 && TextOf(*reply.element[0]) == "slave";
}

}  // namespace

// One dialling, from the first look to the last greeting.
class RedisDialer::Attempt : public std::enable_shared_from_this<Attempt> {
 public:
  Attempt(net::io_context& context, const RedisOptions& options, net::ssl::context* tls, size_t turn, Done done)
      : options_(options),
        tls_(tls),
        turn_(turn),
        done_(std::move(done)),
        resolver_(context),
        socket_(context),
        timer_(context) {}

  void Begin() {
    timer_.expires_after(absl::ToChronoNanoseconds(options_.connect_timeout));
    timer_.async_wait([self = shared_from_this()](const Error& error) {
      if (!error) self->Finish(nullptr);
    });
    options_.master.empty() ? ConnectToServer(options_.addresses.front()) : AskSentinel(0);
  }

 private:
  // `next` gets null when there is no connection.
  void Connect(const RedisAddress& address, net::ssl::context* tls, Done next) {
    auto on_resolved = [self = shared_from_this(), host = address.host, tls, next = std::move(next)](
                           const Error& error, const Tcp::resolver::results_type& found) mutable {
      if (self->IsOver()) return;
      if (error) return next(nullptr);
      net::async_connect(self->socket_, found,
                         [self, host, tls, next = std::move(next)](const Error& failed, const Tcp::endpoint&) {
                           if (!self->IsOver()) failed ? next(nullptr) : self->Greet(host, tls, next);
                         });
    };
    resolver_.async_resolve(address.host, absl::StrCat(address.port), std::move(on_resolved));
  }

  void Greet(const std::string& host, net::ssl::context* tls, const Done& next) {
    connection_ = std::make_shared<RedisConnection>(std::move(socket_), tls);
    connection_->Handshake(host, [self = shared_from_this(), next](bool trusted) {
      if (!self->IsOver()) next(trusted ? self->connection_ : nullptr);
    });
  }

  void AskSentinel(size_t asked) {
    if (asked == options_.addresses.size()) return Finish(nullptr);
    const RedisAddress& address = options_.addresses[(turn_ + asked) % options_.addresses.size()];
    auto next = [self = shared_from_this(), asked] {
      if (!self->IsOver()) self->AskSentinel(asked + 1);
    };
    Connect(address, nullptr, [self = shared_from_this(), next](const std::shared_ptr<RedisConnection>& sentinel) {
      if (sentinel == nullptr) return next();
      auto on_reply = [self, next](const Reply& reply) {
        self->connection_->Close();
        const auto server = AddressIn(*reply);
        server ? self->ConnectToServer(*server) : next();
      };
      sentinel->Start({on_reply, next});
      sentinel->Write(Command({"SENTINEL", "get-master-addr-by-name", self->options_.master}));
    });
  }

  void ConnectToServer(const RedisAddress& address) {
    Connect(address, tls_, [self = shared_from_this()](const std::shared_ptr<RedisConnection>& server) {
      server == nullptr ? self->Finish(nullptr) : self->LogIn();
    });
  }

  void LogIn() {
    std::string commands = Command({"ROLE"});
    waiting_ = 1;
    if (options_.database != 0) {
      commands = Command({"SELECT", absl::StrCat(options_.database)}) + commands;
      ++waiting_;
    }
    if (!options_.password.empty()) {
      const std::string user = options_.user.empty() ? "default" : options_.user;
      commands = Command({"AUTH", user, options_.password}) + commands;
      ++waiting_;
    }
    auto on_reply = [self = shared_from_this()](const Reply& reply) {
      const bool wrong = self->waiting_ > 1 ? IsError(*reply) : self->IsWrongServer(*reply);
      if (wrong) return self->Finish(nullptr);
      if (--self->waiting_ == 0) self->Finish(self->connection_);
    };
    connection_->Start({on_reply, [self = shared_from_this()] { self->Finish(nullptr); }});
    connection_->Write(commands);
  }

  // Who may not ask for its role may still be served by it.
  bool IsWrongServer(const redisReply& role) const {
    return absl::StartsWith(TextOf(role), "NOAUTH") || (!options_.master.empty() && IsReplica(role));
  }

  bool IsOver() const { return done_ == nullptr; }
  void Finish(std::shared_ptr<RedisConnection> made) {
    if (IsOver()) return;
    timer_.cancel();
    resolver_.cancel();
    Error ignored;
    socket_.close(ignored);
    if (connection_ != nullptr) made == nullptr ? connection_->Close() : connection_->Follow({});
    connection_.reset();
    std::exchange(done_, nullptr)(std::move(made));
  }

  const RedisOptions& options_;
  net::ssl::context* const tls_;
  const size_t turn_;
  Done done_;
  Tcp::resolver resolver_;
  Tcp::socket socket_;
  net::steady_timer timer_;
  std::shared_ptr<RedisConnection> connection_;
  int waiting_ = 0;
};

RedisDialer::RedisDialer(net::io_context& context, const RedisOptions& options) : context_(context), options_(options) {
  if (!options.tls) return;
  tls_.emplace(net::ssl::context::tls_client);
  tls_->set_verify_mode(net::ssl::verify_peer);
  options.ca_file.empty() ? tls_->set_default_verify_paths() : tls_->load_verify_file(options.ca_file);
}

void RedisDialer::Dial(Done done) {
  std::make_shared<Attempt>(context_, options_, tls_ ? &*tls_ : nullptr, turn_++, std::move(done))->Begin();
}

}  // namespace lumbar::cache
