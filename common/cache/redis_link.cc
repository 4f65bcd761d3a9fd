#include "common/cache/redis_link.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/strip.h>
#include <hiredis/hiredis.h>

#include <utility>

namespace lumbar::cache {
namespace {

constexpr absl::string_view kInvalidations = "__redis__:invalidate";

}  // namespace

RedisLink::RedisLink(boost::asio::io_context& context, RedisDialer& dialer, std::string prefix, std::string channel,
                     const SharedEvents& events, const Clock& clock)
    : dialer_(dialer),
      prefix_(std::move(prefix)),
      channel_(std::move(channel)),
      events_(events),
      clock_(clock),
      timer_(context) {}

void RedisLink::Stop() {
  stopped_ = true;
  timer_.cancel();
  if (connection_ != nullptr) std::exchange(connection_, nullptr)->Close();
}

void RedisLink::Beat() {
  if (stopped_) return;
  const absl::Time now = clock_.Now();
  if (connection_ == nullptr && !std::exchange(dialling_, true)) {
    dialer_.Dial([this](std::shared_ptr<RedisConnection> made) {
      dialling_ = false;
      if (made != nullptr) stopped_ ? made->Close() : Arm(std::move(made));
    });
  } else if (connection_ != nullptr && pinged_ != absl::InfinitePast()) {
    if (now - pinged_ > kPatience) Lost();
  } else if (connection_ != nullptr) {
    pinged_ = now;
    if (arming_ == 0) connection_->Write(Command({"PING"}));
  }
  events_.tick();
  timer_.expires_after(absl::ToChronoNanoseconds(kBeat));
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) Beat();
  });
}

void RedisLink::Arm(std::shared_ptr<RedisConnection> connection) {
  connection_ = std::move(connection);
  pinged_ = clock_.Now();
  arming_ = 4;
  connection_->Follow({[this](const Reply& reply) { OnReply(*reply); }, [this] { Lost(); }});
  connection_->Write(Command({"CLIENT", "ID"}));
}

void RedisLink::OnReply(const redisReply& reply) {
  if (IsError(reply)) return Lost();
  const bool message = reply.type == REDIS_REPLY_ARRAY && reply.elements == 3 && TextOf(*reply.element[0]) == "message";
  if (message) return OnMessage(reply);
  if (reply.type == REDIS_REPLY_INTEGER) {
    connection_->Write(absl::StrCat(
        Command({"CLIENT", "TRACKING", "ON", "REDIRECT", absl::StrCat(reply.integer), "BCAST", "PREFIX", prefix_}),
        Command({"SUBSCRIBE", kInvalidations, channel_})));
  }
  if (arming_ > 0) {
    if (--arming_ > 0) return;
    // Whatever changed before it was armed, nobody told.
    events_.all_changed();
    pinged_ = clock_.Now();
    return connection_->Write(Command({"PING"}));
  }
  events_.heard(std::exchange(pinged_, absl::InfinitePast()));
}

void RedisLink::OnMessage(const redisReply& reply) {
  const redisReply& keys = *reply.element[2];
  if (TextOf(*reply.element[1]) == channel_) return Tell(TextOf(keys));
  // FLUSHALL names no key.
  if (keys.type != REDIS_REPLY_ARRAY) return events_.all_changed();
  for (size_t i = 0; i < keys.elements; ++i) Tell(TextOf(*keys.element[i]));
}

void RedisLink::Tell(absl::string_view key) {
  if (absl::ConsumePrefix(&key, prefix_)) events_.changed(key);
}

void RedisLink::Lost() {
  if (connection_ != nullptr) std::exchange(connection_, nullptr)->Close();
  pinged_ = absl::InfinitePast();
}

}  // namespace lumbar::cache
