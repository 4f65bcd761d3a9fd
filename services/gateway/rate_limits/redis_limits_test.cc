#include "services/gateway/rate_limits/redis_limits.h"

#include <absl/strings/str_cat.h>
#include <gtest/gtest.h>
#include <hiredis/hiredis.h>

#include <future>
#include <thread>

#include "common/status/matchers.h"
#include "common/testing/redis_server.h"
#include "services/gateway/rate_limits/layered_limits.h"

namespace lumbar::gateway {
namespace {

using lumbar::testing::RedisServer;

// Three at once, and nothing more while a test runs.
const Rate kScarce = {absl::Hours(1), 3};

class RedisLimitsTest : public ::testing::Test {
 protected:
  // A busy machine may keep a healthy server from answering in 20 ms; only tests of a hung one wait that short.
  std::unique_ptr<RedisLimits> Start(absl::Duration timeout = absl::Seconds(30)) {
    cache::RedisOptions options = *cache::ParseRedisUrl(server_.url());
    options.operation_timeout = options.connect_timeout = timeout;
    options.prefix = "lumbar:gateway:";
    return *RedisLimits::Start(options, clock_, [this](bool) { ++switches_; });
  }
  static void Await(const RedisLimits& limits, bool answers) {
    while (limits.answers() != answers) std::this_thread::yield();
  }

  static std::optional<Verdict> Take(RedisLimits& limits, const std::vector<Bucket>& buckets) {
    std::promise<std::optional<Verdict>> verdict;
    limits.Take(buckets, [&](const std::optional<Verdict>& came) { verdict.set_value(came); });
    return verdict.get_future().get();
  }
  static bool May(RedisLimits& limits, const std::string& key) {
    const auto verdict = Take(limits, {{key, kScarce}});
    EXPECT_TRUE(verdict);
    return verdict && !verdict->empty;
  }
  static Verdict Take(RateLimits& limits, const Bucket& bucket) {
    std::promise<Verdict> verdict;
    limits.Take({bucket}, [&](const Verdict& came) { verdict.set_value(came); });
    return verdict.get_future().get();
  }

  // As anybody else with the address could.
  int64_t Redis(const std::string& command) {
    redisContext* context = redisConnect("127.0.0.1", server_.port());
    auto* reply = static_cast<redisReply*>(redisCommand(context, command.c_str()));
    const int64_t number = reply->integer;
    freeReplyObject(reply);
    redisFree(context);
    return number;
  }

  RedisServer server_;
  SteadyClock clock_;
  std::atomic<int> switches_ = 0;
};

TEST_F(RedisLimitsTest, GivesAllGatewaysOneBudget) {
  const auto one = Start();
  const auto other = Start();
  EXPECT_TRUE(May(*one, "a"));
  EXPECT_TRUE(May(*other, "a"));
  EXPECT_TRUE(May(*one, "a"));
  EXPECT_FALSE(May(*other, "a"));
  const auto refused = Take(*one, {{"a", kScarce}});
  EXPECT_EQ(refused->empty, 0u);
  EXPECT_EQ(refused->limiter, Limiter::kRedis);
  EXPECT_GT(refused->wait, absl::Minutes(59));
  EXPECT_LE(refused->wait, absl::Hours(1));
  EXPECT_TRUE(May(*one, "b"));
}

TEST_F(RedisLimitsTest, TakesFromNoneIfOneIsEmpty) {
  const auto limits = Start();
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(May(*limits, "identity"));
  for (int i = 0; i < 10; ++i) EXPECT_EQ(Take(*limits, {{"address", kScarce}, {"identity", kScarce}})->empty, 1u);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(May(*limits, "address")) << i;
}

TEST_F(RedisLimitsTest, FillsBucketsAgainAndKeepsNoneThatIsFull) {
  const auto limits = Start();
  const Bucket quick = {"quick", {absl::Milliseconds(20), 1}};
  EXPECT_FALSE(Take(*limits, {quick})->empty);
  while (Take(*limits, {quick})->empty) std::this_thread::yield();
  while (Redis("EXISTS lumbar:gateway:quick") == 1) std::this_thread::yield();
}

TEST_F(RedisLimitsTest, LimitsKeysToTheTimeOfTheirBucket) {
  const auto limits = Start();
  EXPECT_TRUE(May(*limits, "a"));
  EXPECT_GT(Redis("PTTL lumbar:gateway:a"), 59 * 60 * 1000);
  EXPECT_LE(Redis("PTTL lumbar:gateway:a"), 60 * 60 * 1000);
}

TEST_F(RedisLimitsTest, BringsItsScriptAgainWhenRedisLostIt) {
  const auto limits = Start();
  EXPECT_TRUE(May(*limits, "a"));
  Redis("SCRIPT FLUSH");
  EXPECT_TRUE(May(*limits, "a"));
}

TEST_F(RedisLimitsTest, MakesNothingOfAKeyThatSomebodyElseWrote) {
  const auto limits = Start();
  Redis("LPUSH lumbar:gateway:list x");
  EXPECT_FALSE(Take(*limits, {{"list", kScarce}})) << "an error is no verdict";
  Redis("SET lumbar:gateway:text x");
  EXPECT_TRUE(May(*limits, "text"));
  Redis("SET lumbar:gateway:late 99999999999999999");
  const auto late = Take(*limits, {{"late", kScarce}});
  EXPECT_EQ(late->empty, 0u);
  EXPECT_LE(late->wait, absl::Hours(1)) << "nobody waits longer than from an empty bucket";
}

TEST_F(RedisLimitsTest, SaysWhetherRedisAnswersAndFindsOutByItself) {
  const auto limits = Start();
  Await(*limits, true);
  server_.Kill();
  Await(*limits, false);
  server_.Restart();
  Await(*limits, true);
  // It answers before it says so.
  while (switches_ < 3) std::this_thread::yield();
  EXPECT_EQ(switches_, 3);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(May(*limits, "a"));
  EXPECT_FALSE(May(*limits, "a"));
}

TEST_F(RedisLimitsTest, AnswersAloneWhileRedisHangsAndTogetherWhenItIsBack) {
  const auto redis = Start(absl::Milliseconds(20));
  LayeredLimits limits(redis.get(), clock_);
  Await(*redis, true);
  server_.Pause();
  // Whether they wait for Redis in vain or it is known to hang, they are answered.
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Take(limits, {"a", kScarce}).limiter, Limiter::kLocal);
  Await(*redis, false);
  EXPECT_TRUE(Take(limits, {"a", kScarce}).empty);
  EXPECT_FALSE(Take(limits, {"b", kScarce}).empty);
  server_.Resume();
  Await(*redis, true);
  while (Take(limits, {"c", {absl::Microseconds(1), 1'000'000}}).limiter != Limiter::kRedis) std::this_thread::yield();
}

TEST_F(RedisLimitsTest, RemembersWhomRedisRefused) {
  const auto redis = Start();
  LayeredLimits limits(redis.get(), clock_);
  Await(*redis, true);
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(Take(limits, {"a", kScarce}).empty);
  EXPECT_FALSE(limits.KnownEmpty({"a", kScarce}));
  EXPECT_TRUE(Take(limits, {"a", kScarce}).empty);
  const auto known = limits.KnownEmpty({"a", kScarce});
  ASSERT_TRUE(known);
  EXPECT_EQ(known->limiter, Limiter::kRedis);
  EXPECT_GT(known->wait, absl::Minutes(59));
  EXPECT_LE(known->wait, absl::Hours(1));
  // Not asked again: it would say otherwise.
  Redis("FLUSHALL");
  EXPECT_TRUE(Take(limits, {"a", kScarce}).empty);
}

TEST_F(RedisLimitsTest, LeavesNobodyWaitingWhenItEnds) {
  auto limits = Start();
  Await(*limits, true);
  server_.Pause();
  std::promise<std::optional<Verdict>> verdict;
  limits->Take({{"a", kScarce}}, [&](const std::optional<Verdict>& came) { verdict.set_value(came); });
  limits.reset();
  EXPECT_FALSE(verdict.get_future().get());
}

TEST_F(RedisLimitsTest, NamesAFileOfAuthoritiesThatItCantRead) {
  cache::RedisOptions options = *cache::ParseRedisUrl("rediss://127.0.0.1:1");
  options.ca_file = "/nowhere.pem";
  EXPECT_THAT(RedisLimits::Start(options, clock_, [](bool) {}),
              FailsWith(absl::StatusCode::kInvalidArgument, "INVALID_FIELD"));
}

}  // namespace
}  // namespace lumbar::gateway
