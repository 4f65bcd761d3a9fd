#include "common/cache/redis.h"

#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>
#include <boost/asio/post.hpp>
#include <hiredis/hiredis.h>

#include <iterator>
#include <utility>

#include "common/status/errors.h"

namespace lumbar::cache {
namespace {

// Keeps a value if its key's stamp is the expected one.
constexpr absl::string_view kPut =
    "if (redis.call('GET', KEYS[2]) or '') ~= ARGV[1] then return 0 end "
    "redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) return 1";

// Whoever put a longer one there isn't us.
constexpr int kLongestStamp = 64;

bool IsWrongType(const redisReply& reply) { return IsError(reply) && absl::StartsWith(TextOf(reply), "WRONGTYPE"); }

Outcome OutcomeOf(const std::vector<Reply>& replies) {
  if (replies.empty() || IsError(*replies.front())) return Outcome::kUnreached;
  return replies.front()->type == REDIS_REPLY_INTEGER && replies.front()->integer == 0 ? Outcome::kRefused
                                                                                       : Outcome::kDone;
}

}  // namespace

absl::StatusOr<std::unique_ptr<RedisCache>> RedisCache::Start(RedisOptions options, SharedEvents events,
                                                              const Clock& clock) {
  std::unique_ptr<RedisCache> cache(new RedisCache(std::move(options), std::move(events), clock));
  try {
    cache->dialer_ = std::make_unique<RedisDialer>(cache->context_, cache->options_);
  } catch (const std::exception&) {
    return InvalidField("redis_ca_file", "can't be read as certificates in PEM");
  }
  cache->link_ = std::make_unique<RedisLink>(cache->context_, *cache->dialer_, cache->stamp_prefix_, cache->channel_,
                                             cache->events_, clock);
  boost::asio::post(cache->context_, [link = cache->link_.get()] { link->Start(); });
  cache->thread_ = std::thread([raw = cache.get()] { raw->context_.run(); });
  return cache;
}

RedisCache::RedisCache(RedisOptions options, SharedEvents events, const Clock& clock)
    : options_(std::move(options)),
      events_(std::move(events)),
      value_prefix_(absl::StrCat(options_.prefix, "value:")),
      stamp_prefix_(absl::StrCat(options_.prefix, "stamp:")),
      channel_(absl::StrCat(options_.prefix, "changed")),
      breaker_(clock, options_.breaker),
      work_(context_.get_executor()),
      timer_(context_) {}

RedisCache::~RedisCache() { Stop(); }

void RedisCache::Stop() {
  if (!thread_.joinable()) return;
  {
    const MutexLock lock(mutex_);
    stopped_ = true;
  }
  boost::asio::post(context_, [this] {
    ended_ = true;
    link_->Stop();
    TakeIn();
    if (connection_ != nullptr) std::exchange(connection_, nullptr)->Close();
    GiveUp(sent_);
    GiveUp(waiting_);
    timer_.cancel();
    work_.reset();
  });
  thread_.join();
}

void RedisCache::Get(absl::string_view key, absl::AnyInvocable<void(Found)> done) {
  // GETRANGE, so that a huge value that somebody else put there is never read whole. Its end is inclusive: the longest
  // answer is one byte too long, which tells that there is more.
  const std::string stamp_key = absl::StrCat(stamp_prefix_, key);
  std::string commands =
      absl::StrCat(Command({"GETRANGE", absl::StrCat(value_prefix_, key), "0", absl::StrCat(options_.max_value_bytes)}),
                   Command({"GETRANGE", stamp_key, "0", absl::StrCat(kLongestStamp)}));
  auto on_replies = [this, stamp_key, done = std::move(done)](const Replies& replies) mutable {
    Found found;
    if (replies.empty()) return done(std::move(found));
    const redisReply& value = *replies[0];
    const redisReply& stamp = *replies[1];
    const bool forged = IsWrongType(stamp) || stamp.len > kLongestStamp;
    if (forged) Ask({Command({"DEL", stamp_key}), 1, [](const Replies&) {}});
    found.reached = !forged && !IsError(stamp) && (!IsError(value) || IsWrongType(value));
    if (found.reached) found.stamp = std::string(TextOf(stamp));
    const bool usable = found.reached && !IsError(value);
    const bool fits = usable && static_cast<int64_t>(value.len) <= options_.max_value_bytes;
    if (fits && value.len > 0) found.value = std::string(TextOf(value));
    ++(!fits ? counters_.error : found.value ? counters_.hit : counters_.miss);
    done(std::move(found));
  };
  Ask({std::move(commands), 2, std::move(on_replies)});
}

void RedisCache::Put(absl::string_view key, absl::string_view stamp, absl::string_view value, absl::Duration ttl,
                     absl::AnyInvocable<void(Outcome)> done) {
  const int64_t millis = absl::ToInt64Milliseconds(ttl);
  if (millis < 1 || static_cast<int64_t>(value.size()) > options_.max_value_bytes) return done(Outcome::kUnreached);
  Ask({Command({"EVAL", kPut, "2", absl::StrCat(value_prefix_, key), absl::StrCat(stamp_prefix_, key), stamp, value,
                absl::StrCat(millis)}),
       1, [done = std::move(done)](const Replies& replies) mutable { done(OutcomeOf(replies)); }});
}

void RedisCache::Stamp(absl::string_view key, absl::string_view stamp, absl::Duration ttl,
                       absl::AnyInvocable<void(Outcome)> done) {
  const std::string stamp_key = absl::StrCat(stamp_prefix_, key);
  // Redis takes the last two also when it is out of memory and refuses the first: then followers hear of it at least.
  Ask({absl::StrCat(Command({"SET", stamp_key, stamp, "PX", absl::StrCat(absl::ToInt64Milliseconds(ttl))}),
                    Command({"DEL", absl::StrCat(value_prefix_, key)}), Command({"PUBLISH", channel_, stamp_key})),
       3, [done = std::move(done)](const Replies& replies) mutable { done(OutcomeOf(replies)); }, true});
}

void RedisCache::Drop(absl::string_view key) {
  Ask({Command({"DEL", absl::StrCat(value_prefix_, key)}), 1, [](const Replies&) {}});
}

void RedisCache::Ask(Request request) {
  if (!request.urgent && !breaker_.Allow()) {
    ++counters_.open;
    return request.done({});
  }
  request.due = std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(options_.operation_timeout);
  bool room = false, first = false;
  {
    const MutexLock lock(mutex_);
    room = !stopped_ && under_way_ < options_.most_under_way;
    first = room && asked_.empty();
    if (room) {
      ++under_way_;
      asked_.push_back(std::move(request));
    }
  }
  if (!room) {
    ++counters_.busy;
    // It doesn't keep up.
    breaker_.Failed();
    return request.done({});
  }
  if (first) boost::asio::post(context_, [this] { TakeIn(); });
}

void RedisCache::TakeIn() {
  std::vector<Request> asked;
  {
    const MutexLock lock(mutex_);
    asked.swap(asked_);
  }
  std::move(asked.begin(), asked.end(), std::back_inserter(waiting_));
  Send();
  AwaitDue();
}

void RedisCache::Send() {
  if (waiting_.empty() || ended_) return;
  if (connection_ == nullptr) {
    if (std::exchange(dialling_, true)) return;
    return dialer_->Dial([this](std::shared_ptr<RedisConnection> made) {
      dialling_ = false;
      if (made == nullptr) return GiveUp(waiting_);
      if (ended_) return made->Close();
      connection_ = std::move(made);
      connection_->Follow({[this](Reply reply) { OnReply(std::move(reply)); }, [this] { OnClosed(); }});
      Send();
    });
  }
  std::string commands;
  for (Request& request : waiting_) {
    commands += request.commands;
    sent_.push_back(std::move(request));
  }
  waiting_.clear();
  connection_->Write(commands);
}

void RedisCache::OnReply(Reply reply) {
  if (sent_.empty()) return OnClosed();
  // The server became another's replica: whoever leads now is found by a new look.
  const bool demoted = IsError(*reply) && absl::StartsWith(TextOf(*reply), "READONLY") && !options_.master.empty();
  Request& oldest = sent_.front();
  oldest.replies.push_back(std::move(reply));
  if (oldest.replies.size() < oldest.wanted) return;
  Request answered = std::move(oldest);
  sent_.pop_front();
  breaker_.Succeeded();
  {
    const MutexLock lock(mutex_);
    --under_way_;
  }
  answered.done(std::move(answered.replies));
  if (demoted) OnClosed();
}

void RedisCache::OnClosed() {
  if (connection_ != nullptr) std::exchange(connection_, nullptr)->Close();
  GiveUp(sent_);
}

void RedisCache::AwaitDue() {
  const Request* next = !sent_.empty() ? &sent_.front() : !waiting_.empty() ? &waiting_.front() : nullptr;
  if (next == nullptr || std::exchange(awaiting_, true)) return;
  timer_.expires_at(next->due);
  timer_.async_wait([this](const boost::system::error_code& error) {
    awaiting_ = false;
    if (!error) OnDue();
  });
}

void RedisCache::OnDue() {
  const auto now = std::chrono::steady_clock::now();
  // What comes after an answer that didn't come can't be told from it.
  if (!sent_.empty() && now >= sent_.front().due) OnClosed();
  std::deque<Request> late;
  while (!waiting_.empty() && now >= waiting_.front().due) {
    late.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  GiveUp(late);
  AwaitDue();
}

void RedisCache::GiveUp(std::deque<Request>& requests) {
  std::deque<Request> given_up;
  given_up.swap(requests);
  for (Request& request : given_up) {
    breaker_.Failed();
    ++counters_.error;
    {
      const MutexLock lock(mutex_);
      --under_way_;
    }
    request.done({});
  }
}

}  // namespace lumbar::cache
