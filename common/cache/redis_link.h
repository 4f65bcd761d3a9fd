// How a replica hears of every new stamp.
#pragma once

#include <boost/asio/steady_timer.hpp>

#include <memory>
#include <string>

#include "common/cache/redis_dialer.h"
#include "common/cache/shared_cache.h"
#include "common/time/clock.h"

namespace lumbar::cache {

// A connection of its own to which Redis sends the names of keys that changed: CLIENT TRACKING in broadcast mode,
// redirected to the connection itself, so that it can't die without the tracking or the other way round. A PING every
// `kBeat` asks whether it is alive; what the answer proves is told as `heard`. A connection that doesn't answer is
// given up and made anew, and then everything may have changed. Everything on one loop.
class RedisLink {
 public:
  static constexpr absl::Duration kBeat = absl::Milliseconds(100);
  // So long an answer may take.
  static constexpr absl::Duration kPatience = absl::Milliseconds(500);

  // `prefix` is of the stamps' keys, `channel` another way to say that one changed. All must outlive it.
  RedisLink(boost::asio::io_context& context, RedisDialer& dialer, std::string prefix, std::string channel,
            const SharedEvents& events, const Clock& clock);

  void Start() { Beat(); }
  void Stop();

 private:
  void Beat();
  void Arm(std::shared_ptr<RedisConnection> connection);
  void OnReply(const redisReply& reply);
  void OnMessage(const redisReply& reply);
  void Tell(absl::string_view key);
  void Lost();

  RedisDialer& dialer_;
  const std::string prefix_, channel_;
  const SharedEvents& events_;
  const Clock& clock_;
  boost::asio::steady_timer timer_;
  std::shared_ptr<RedisConnection> connection_;
  bool dialling_ = false;
  bool stopped_ = false;
  // Answers to the commands that arm it that are still to come; then it is armed.
  int arming_ = 0;
  // When the PING was sent whose answer is awaited; InfinitePast: none is.
  absl::Time pinged_ = absl::InfinitePast();
};

}  // namespace lumbar::cache
