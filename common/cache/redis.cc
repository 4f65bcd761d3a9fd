#include "common/cache/redis.h"

#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>
#include <hiredis/hiredis.h>

#include <utility>

#include "common/status/macros.h"

namespace lumbar::cache {
namespace {

using Replies = RedisClient::Replies;

// Keeps a value if its key's stamp is the expected one.
constexpr absl::string_view kPut =
    "if (redis.call('GET', KEYS[2]) or '') ~= ARGV[1] then return 0 end "
    "redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) return 1";

// Whoever put a longer one there isn't us.
constexpr int kLongestStamp = 64;

bool IsWrongType(const redisReply& reply) { return IsError(reply) && absl::StartsWith(TextOf(reply), "WRONGTYPE"); }

Outcome OutcomeOf(const Replies& replies) {
  if (replies.empty() || IsError(*replies.front())) return Outcome::kUnreached;
  return replies.front()->type == REDIS_REPLY_INTEGER && replies.front()->integer == 0 ? Outcome::kRefused
                                                                                       : Outcome::kDone;
}

}  // namespace

absl::StatusOr<std::unique_ptr<RedisCache>> RedisCache::Start(RedisOptions options, SharedEvents events,
                                                              const Clock& clock) {
  std::unique_ptr<RedisCache> cache(new RedisCache(options, std::move(events)));
  LUMBAR_ASSIGN_OR_RETURN(cache->client_, RedisClient::Make(std::move(options), clock, cache->counters_));
  RedisClient& client = *cache->client_;
  cache->link_ = std::make_unique<RedisLink>(client.context(), client.dialer(), cache->stamp_prefix_, cache->channel_,
                                             cache->events_, clock);
  client.Start([link = cache->link_.get()] { link->Start(); });
  return cache;
}

RedisCache::RedisCache(const RedisOptions& options, SharedEvents events)
    : events_(std::move(events)),
      max_value_bytes_(options.max_value_bytes),
      value_prefix_(absl::StrCat(options.prefix, "value:")),
      stamp_prefix_(absl::StrCat(options.prefix, "stamp:")),
      channel_(absl::StrCat(options.prefix, "changed")) {}

RedisCache::~RedisCache() { Stop(); }

void RedisCache::Stop() {
  if (client_ != nullptr) client_->Stop([this] { link_->Stop(); });
}

void RedisCache::Get(absl::string_view key, absl::AnyInvocable<void(Found)> done) {
  // GETRANGE, so that a huge value that somebody else put there is never read whole. Its end is inclusive: the longest
  // answer is one byte too long, which tells that there is more.
  const std::string stamp_key = absl::StrCat(stamp_prefix_, key);
  std::string commands =
      absl::StrCat(Command({"GETRANGE", absl::StrCat(value_prefix_, key), "0", absl::StrCat(max_value_bytes_)}),
                   Command({"GETRANGE", stamp_key, "0", absl::StrCat(kLongestStamp)}));
  auto on_replies = [this, stamp_key, done = std::move(done)](const Replies& replies) mutable {
    Found found;
    if (replies.empty()) return done(std::move(found));
    const redisReply& value = *replies[0];
    const redisReply& stamp = *replies[1];
    const bool forged = IsWrongType(stamp) || stamp.len > kLongestStamp;
    if (forged) client_->Ask(Command({"DEL", stamp_key}), 1, [](const Replies&) {});
    found.reached = !forged && !IsError(stamp) && (!IsError(value) || IsWrongType(value));
    if (found.reached) found.stamp = std::string(TextOf(stamp));
    const bool usable = found.reached && !IsError(value);
    const bool fits = usable && static_cast<int64_t>(value.len) <= max_value_bytes_;
    if (fits && value.len > 0) found.value = std::string(TextOf(value));
    ++(!fits ? counters_.error : found.value ? counters_.hit : counters_.miss);
    done(std::move(found));
  };
  client_->Ask(std::move(commands), 2, std::move(on_replies));
}

void RedisCache::Put(absl::string_view key, absl::string_view stamp, absl::string_view value, absl::Duration ttl,
                     absl::AnyInvocable<void(Outcome)> done) {
  const int64_t millis = absl::ToInt64Milliseconds(ttl);
  if (millis < 1 || static_cast<int64_t>(value.size()) > max_value_bytes_) return done(Outcome::kUnreached);
  client_->Ask(Command({"EVAL", kPut, "2", absl::StrCat(value_prefix_, key), absl::StrCat(stamp_prefix_, key), stamp,
                        value, absl::StrCat(millis)}),
               1, [done = std::move(done)](const Replies& replies) mutable { done(OutcomeOf(replies)); });
}

void RedisCache::Stamp(absl::string_view key, absl::string_view stamp, absl::Duration ttl,
                       absl::AnyInvocable<void(Outcome)> done) {
  const std::string stamp_key = absl::StrCat(stamp_prefix_, key);
  // Redis takes the last two also when it is out of memory and refuses the first: then followers hear of it at least.
  client_->Ask(
      absl::StrCat(Command({"SET", stamp_key, stamp, "PX", absl::StrCat(absl::ToInt64Milliseconds(ttl))}),
                   Command({"DEL", absl::StrCat(value_prefix_, key)}), Command({"PUBLISH", channel_, stamp_key})),
      3, [done = std::move(done)](const Replies& replies) mutable { done(OutcomeOf(replies)); }, true);
}

void RedisCache::Drop(absl::string_view key) {
  client_->Ask(Command({"DEL", absl::StrCat(value_prefix_, key)}), 1, [](const Replies&) {});
}

}  // namespace lumbar::cache
