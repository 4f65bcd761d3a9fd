#include "common/cache/redis.h"

#include <absl/strings/str_cat.h>
#include <hiredis/hiredis.h>
#include <re2/re2.h>

#include <csignal>
#include <utility>

#include "common/status/errors.h"

namespace lumbar::cache {
namespace {

void IgnoreBrokenPipes() {
  struct sigaction current = {};
  sigaction(SIGPIPE, nullptr, &current);
  if (current.sa_handler == SIG_DFL) signal(SIGPIPE, SIG_IGN);
}

}  // namespace

absl::StatusOr<RedisOptions> ParseRedisUrl(absl::string_view url) {
  static const RE2 kUrl(R"(redis://(?:([A-Za-z0-9._-]+)|\[([0-9A-Fa-f:.]+)\])(?::(\d{1,5}))?(?:/(\d{0,4}))?)");
  RedisOptions options;
  std::string name, address, port, database;
  const bool matches =
      RE2::FullMatch(re2::StringPiece(url.data(), url.size()), kUrl, &name, &address, &port, &database);
  if (matches && !port.empty()) options.port = std::stoi(port);
  if (matches && !database.empty()) options.database = std::stoi(database);
  if (!matches || options.port < 1 || options.port > 65535) {
    return InvalidField("redis_url",
                        "must look like redis://host:port/database; TLS, users and passwords aren't supported");
  }
  options.host = name.empty() ? address : name;
  return options;
}

void RedisCache::CloseConnection::operator()(redisContext* context) const { redisFree(context); }
void RedisCache::FreeReply::operator()(redisReply* reply) const { freeReplyObject(reply); }

RedisCache::RedisCache(RedisOptions options, const Clock& clock)
    : options_(std::move(options)), breaker_(clock, options_.breaker) {
  IgnoreBrokenPipes();
}

RedisCache::~RedisCache() = default;

std::optional<std::string> RedisCache::Get(absl::string_view key) {
  // GETRANGE, so that a huge value that somebody else put there is never read whole. Its end is inclusive: the longest
  // answer is one byte too long, which tells that there is more.
  const Reply reply = Ask({"GETRANGE", key, "0", absl::StrCat(options_.max_value_bytes)});
  if (reply == nullptr) return std::nullopt;
  if (reply->type != REDIS_REPLY_STRING || static_cast<int64_t>(reply->len) > options_.max_value_bytes) {
    ++counters_.error;
    return std::nullopt;
  }
  ++(reply->len > 0 ? counters_.hit : counters_.miss);
  if (reply->len == 0) return std::nullopt;
  return std::string(reply->str, reply->len);
}

void RedisCache::Put(absl::string_view key, absl::string_view value, absl::Duration ttl) {
  const int64_t millis = absl::ToInt64Milliseconds(ttl);
  if (millis < 1 || static_cast<int64_t>(value.size()) > options_.max_value_bytes) return;
  const Reply reply = Ask({"SET", key, value, "PX", absl::StrCat(millis)});
  if (reply != nullptr && reply->type == REDIS_REPLY_ERROR) ++counters_.error;
}

void RedisCache::Drop(absl::string_view key) {
  const Reply reply = Ask({"DEL", key});
  if (reply != nullptr && reply->type == REDIS_REPLY_ERROR) ++counters_.error;
}

RedisCache::Reply RedisCache::Ask(const std::vector<absl::string_view>& command) {
  Connection connection;
  if (!CheckOut(connection)) {
    ++counters_.busy;
    return nullptr;
  }
  if (!breaker_.Allow()) {
    CheckIn(std::move(connection), false);
    ++counters_.open;
    return nullptr;
  }
  if (connection == nullptr) connection = Connect();
  Reply reply = connection == nullptr ? nullptr : AskOn(connection, command);
  const bool failed = reply == nullptr;
  CheckIn(std::move(connection), failed);
  failed ? breaker_.Failed() : breaker_.Succeeded();
  if (failed) ++counters_.error;
  return reply;
}

RedisCache::Reply RedisCache::AskOn(Connection& connection, const std::vector<absl::string_view>& command) {
  std::vector<const char*> words;
  std::vector<size_t> sizes;
  for (const absl::string_view word : command) {
    words.push_back(word.data());
    sizes.push_back(word.size());
  }
  return Reply(static_cast<redisReply*>(
      redisCommandArgv(connection.get(), static_cast<int>(words.size()), words.data(), sizes.data())));
}

RedisCache::Connection RedisCache::Connect() const {
  Connection connection(
      redisConnectWithTimeout(options_.host.c_str(), options_.port, absl::ToTimeval(options_.connect_timeout)));
  if (connection == nullptr || connection->err != 0) return nullptr;
  if (redisSetTimeout(connection.get(), absl::ToTimeval(options_.operation_timeout)) != REDIS_OK) return nullptr;
  if (options_.database == 0) return connection;
  const Reply selected(static_cast<redisReply*>(redisCommand(connection.get(), "SELECT %d", options_.database)));
  return selected != nullptr && selected->type != REDIS_REPLY_ERROR ? std::move(connection) : nullptr;
}

bool RedisCache::CheckOut(Connection& connection) {
  MutexLock lock(mutex_);
  if (in_use_ >= options_.connections) return false;
  ++in_use_;
  if (idle_.empty()) return true;
  connection = std::move(idle_.back());
  idle_.pop_back();
  return true;
}

void RedisCache::CheckIn(Connection connection, bool failed) {
  std::vector<Connection> closed;
  MutexLock lock(mutex_);
  --in_use_;
  if (failed) {
    closed.swap(idle_);
  } else if (connection != nullptr) {
    idle_.push_back(std::move(connection));
  }
}

}  // namespace lumbar::cache
