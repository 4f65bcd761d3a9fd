#include "common/cache/redis_client.h"

#include <absl/strings/match.h>
#include <boost/asio/post.hpp>

#include <iterator>
#include <utility>

#include "common/status/errors.h"

namespace lumbar::cache {

absl::StatusOr<std::unique_ptr<RedisClient>> RedisClient::Make(RedisOptions options, const Clock& clock,
                                                               CallCounters& counters) {
  std::unique_ptr<RedisClient> client(new RedisClient(std::move(options), clock, counters));
  try {
    client->dialer_ = std::make_unique<RedisDialer>(client->context_, client->options_);
  } catch (const std::exception&) {
    return InvalidField("redis_ca_file", "can't be read as certificates in PEM");
  }
  return client;
}

RedisClient::RedisClient(RedisOptions options, const Clock& clock, CallCounters& counters)
    : options_(std::move(options)),
      counters_(counters),
      breaker_(clock, options_.breaker),
      work_(context_.get_executor()),
      timer_(context_) {}

RedisClient::~RedisClient() = default;

void RedisClient::Start(std::function<void()> first) {
  boost::asio::post(context_, std::move(first));
  thread_ = std::thread([this] { context_.run(); });
}

void RedisClient::Stop(std::function<void()> last) {
  if (!thread_.joinable()) return;
  {
    const MutexLock lock(mutex_);
    stopped_ = true;
  }
  boost::asio::post(context_, [this, last = std::move(last)] {
    ended_ = true;
    last();
    TakeIn();
    if (connection_ != nullptr) std::exchange(connection_, nullptr)->Close();
    GiveUp(sent_);
    GiveUp(waiting_);
    timer_.cancel();
    work_.reset();
  });
  thread_.join();
}

void RedisClient::Ask(std::string commands, size_t wanted, Done done, bool urgent) {
  if (!urgent && !breaker_.Allow()) {
    ++counters_.open;
    return done({});
  }
  Request request{std::move(commands), wanted, std::move(done)};
  request.due = std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(options_.operation_timeout);
  if (Enter(request)) return;
  ++counters_.busy;
  // It doesn't keep up.
  breaker_.Failed();
  request.done({});
}

bool RedisClient::Enter(Request& request) {
  bool first = false;
  {
    const MutexLock lock(mutex_);
    if (stopped_ || under_way_ >= options_.most_under_way) return false;
    ++under_way_;
    first = asked_.empty();
    asked_.push_back(std::move(request));
  }
  if (first) boost::asio::post(context_, [this] { TakeIn(); });
  return true;
}

void RedisClient::Leave() {
  const MutexLock lock(mutex_);
  --under_way_;
}

void RedisClient::TakeIn() {
  std::vector<Request> asked;
  {
    const MutexLock lock(mutex_);
    asked.swap(asked_);
  }
  std::move(asked.begin(), asked.end(), std::back_inserter(waiting_));
  Send();
  AwaitDue();
}

void RedisClient::Send() {
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

void RedisClient::OnReply(Reply reply) {
  if (sent_.empty()) return OnClosed();
  // The server became another's replica: whoever leads now is found by a new look.
  const bool demoted = IsError(*reply) && absl::StartsWith(TextOf(*reply), "READONLY") && !options_.master.empty();
  Request& oldest = sent_.front();
  oldest.replies.push_back(std::move(reply));
  if (oldest.replies.size() < oldest.wanted) return;
  Request answered = std::move(oldest);
  sent_.pop_front();
  breaker_.Succeeded();
  Leave();
  answered.done(std::move(answered.replies));
  if (demoted) OnClosed();
}

void RedisClient::OnClosed() {
  if (connection_ != nullptr) std::exchange(connection_, nullptr)->Close();
  GiveUp(sent_);
}

void RedisClient::AwaitDue() {
  const Request* next = !sent_.empty() ? &sent_.front() : !waiting_.empty() ? &waiting_.front() : nullptr;
  if (next == nullptr || std::exchange(awaiting_, true)) return;
  timer_.expires_at(next->due);
  timer_.async_wait([this](const boost::system::error_code& error) {
    awaiting_ = false;
    if (!error) OnDue();
  });
}

void RedisClient::OnDue() {
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

void RedisClient::GiveUp(std::deque<Request>& requests) {
  std::deque<Request> given_up;
  given_up.swap(requests);
  for (Request& request : given_up) {
    breaker_.Failed();
    ++counters_.error;
    Leave();
    request.done({});
  }
}

}  // namespace lumbar::cache
