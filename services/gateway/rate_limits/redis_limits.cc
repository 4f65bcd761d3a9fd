#include "services/gateway/rate_limits/redis_limits.h"

#include <absl/strings/escaping.h>
#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>
#include <hiredis/hiredis.h>
#include <openssl/evp.h>

#include <utility>

#include "common/status/macros.h"

namespace lumbar::gateway {
namespace {

// For each key two arguments: the interval, and how far ahead of time it may be, both in microseconds. A key holds when
// its bucket is full again, and goes then. Answers the place of the first empty bucket and how long it has none, or
// twice 0 after one was taken from each. Lua's numbers hold microseconds since 1970 exactly, and would be written as
// 1.7e+15.
constexpr absl::string_view kScript = R"(
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local full = {}
for i = 1, #KEYS do
  local interval, ahead = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  local at = tonumber(redis.call('GET', KEYS[i]) or '') or now
  full[i] = math.min(math.max(at, now), now + ahead) + interval
  if full[i] > now + ahead then return {i, math.ceil(full[i] - ahead - now)} end
end
for i = 1, #KEYS do
  redis.call('SET', KEYS[i], string.format('%.0f', full[i]), 'PX', math.ceil((full[i] - now) / 1000))
end
return {0, 0}
)";

// By which Redis knows the script once it has seen it.
std::string ScriptName() {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_Digest(kScript.data(), kScript.size(), digest, &size, EVP_sha1(), nullptr);
  return absl::BytesToHexString(absl::string_view(reinterpret_cast<const char*>(digest), size));
}

std::string CommandOf(absl::string_view command, absl::string_view script, const std::vector<std::string>& words) {
  std::vector<absl::string_view> all = {command, script};
  all.insert(all.end(), words.begin(), words.end());
  return cache::CommandOf(all);
}

// The script isn't there: Redis was restarted or another one leads.
bool IsUnknown(const cache::RedisClient::Replies& replies) {
  return !replies.empty() && cache::IsError(*replies.front()) &&
         absl::StartsWith(cache::TextOf(*replies.front()), "NOSCRIPT");
}

std::optional<Verdict> VerdictIn(const cache::RedisClient::Replies& replies) {
  if (replies.empty()) return std::nullopt;
  const redisReply& reply = *replies.front();
  if (reply.type != REDIS_REPLY_ARRAY || reply.elements != 2) return std::nullopt;
  Verdict verdict{Limiter::kRedis};
  if (const int64_t place = reply.element[0]->integer; place > 0) verdict.empty = static_cast<size_t>(place - 1);
  verdict.wait = absl::Microseconds(reply.element[1]->integer);
  return verdict;
}

}  // namespace

absl::StatusOr<std::unique_ptr<RedisLimits>> RedisLimits::Start(cache::RedisOptions options, const Clock& clock,
                                                                std::function<void(bool)> on_switch) {
  std::unique_ptr<RedisLimits> limits(new RedisLimits(std::move(on_switch)));
  LUMBAR_ASSIGN_OR_RETURN(limits->client_, cache::RedisClient::Make(std::move(options), clock, limits->counters_));
  limits->timer_.emplace(limits->client_->context());
  limits->client_->Start([raw = limits.get()] { raw->Beat(); });
  return limits;
}

RedisLimits::~RedisLimits() {
  if (timer_) client_->Stop([this] { timer_->cancel(); });
}

void RedisLimits::Take(absl::Span<const Bucket> buckets, Done done) {
  auto words = std::make_shared<std::vector<std::string>>();
  words->push_back(absl::StrCat(buckets.size()));
  for (const Bucket& bucket : buckets) words->push_back(absl::StrCat(client_->options().prefix, bucket.key));
  for (const Bucket& bucket : buckets) {
    words->push_back(absl::StrCat(absl::ToInt64Microseconds(bucket.rate.interval)));
    words->push_back(absl::StrCat(absl::ToInt64Microseconds(bucket.rate.Ahead())));
  }
  Ask(std::move(words), std::move(done));
}

void RedisLimits::Ask(std::shared_ptr<const std::vector<std::string>> words, Done done) {
  static const std::string& name = *new std::string(ScriptName());
  client_->Ask(CommandOf("EVALSHA", name, *words), 1,
               [this, words, done = std::move(done)](const cache::RedisClient::Replies& replies) mutable {
                 if (!IsUnknown(replies)) return done(VerdictIn(replies));
                 client_->Ask(CommandOf("EVAL", kScript, *words), 1,
                              [done = std::move(done)](const cache::RedisClient::Replies& again) mutable {
                                done(VerdictIn(again));
                              });
               });
}

void RedisLimits::Beat() {
  // A bucket that is never empty.
  const Bucket beat = {"beat", {absl::Microseconds(1), 1'000'000}};
  Take({&beat, 1}, [this](const std::optional<Verdict>& verdict) { Switch(verdict.has_value()); });
  timer_->expires_after(absl::ToChronoNanoseconds(kBeat));
  timer_->async_wait([this](const boost::system::error_code& error) {
    if (!error) Beat();
  });
}

void RedisLimits::Switch(bool answers) {
  if (answers_.exchange(answers) != answers) on_switch_(answers);
}

}  // namespace lumbar::gateway
