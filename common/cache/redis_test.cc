#include "common/cache/redis.h"

#include <absl/time/clock.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <hiredis/hiredis.h>

#include <algorithm>
#include <atomic>
#include <latch>
#include <thread>

#include "common/cache/verified.h"
#include "common/status/matchers.h"
#include "common/testing/redis_server.h"

namespace lumbar::cache {
namespace {

using ::testing::Eq;
using ::testing::Optional;
using testing::RedisServer;

constexpr absl::Duration kTtl = absl::Minutes(5);

class RedisCacheTest : public ::testing::Test {
 protected:
  // A busy machine may keep a healthy server from answering in 20 ms; only tests of a hung one wait that short.
  RedisOptions Options() const {
    RedisOptions options = *ParseRedisUrl(server_.url());
    options.operation_timeout = options.connect_timeout = absl::Seconds(30);
    return options;
  }

  // As anybody else with the address could.
  std::string Redis(const std::string& command) {
    redisContext* context = redisConnect("127.0.0.1", server_.port());
    auto* reply = static_cast<redisReply*>(redisCommand(context, command.c_str()));
    std::string text = reply->type == REDIS_REPLY_INTEGER ? std::to_string(reply->integer)
                       : reply->str != nullptr            ? std::string(reply->str, reply->len)
                                                          : "nil";
    freeReplyObject(reply);
    redisFree(context);
    return text;
  }

  // The middle one of `calls` Gets; a machine with other work to do makes single ones slow.
  absl::Duration MedianGet(RedisCache& cache, int calls) {
    std::vector<absl::Duration> times;
    for (int i = 0; i < calls; ++i) {
      const absl::Time start = absl::Now();
      EXPECT_THAT(cache.Get("k"), Eq(std::nullopt));
      times.push_back(absl::Now() - start);
    }
    std::sort(times.begin(), times.end());
    return times[times.size() / 2];
  }

  // Asks, a cool-down apart, until there is an answer.
  std::string GetInTheEnd(RedisCache& cache, absl::string_view key) {
    for (int i = 0; i < 100; ++i) {
      if (const auto value = cache.Get(key)) return *value;
      clock_.Advance(absl::Seconds(2));
    }
    return "never answered";
  }

  RedisServer server_;
  FakeClock clock_{absl::FromUnixSeconds(1'700'000'000)};
  RedisCache cache_{Options(), clock_};
};

TEST_F(RedisCacheTest, KeepsAndForgets) {
  const std::string value("a\0b\xff", 4);
  EXPECT_THAT(cache_.Get("k"), Eq(std::nullopt));
  cache_.Put("k", value, kTtl);
  EXPECT_THAT(cache_.Get("k"), Optional(value));
  cache_.Drop("k");
  EXPECT_THAT(cache_.Get("k"), Eq(std::nullopt));
  EXPECT_EQ(cache_.counters().hit, 1u);
  EXPECT_EQ(cache_.counters().miss, 2u);
  EXPECT_EQ(cache_.counters().error, 0u);
}

TEST_F(RedisCacheTest, GivesEveryValueATimeToLive) {
  cache_.Put("k", "v", kTtl);
  EXPECT_THAT(std::stoi(Redis("PTTL k")), ::testing::AllOf(::testing::Gt(240'000), ::testing::Le(300'000)));
  cache_.Put("none", "v", absl::ZeroDuration());
  EXPECT_EQ(Redis("EXISTS none"), "0");
}

TEST_F(RedisCacheTest, KeepsToTheDatabaseOfItsUrl) {
  RedisOptions options = Options();
  options.database = 3;
  RedisCache other(options, clock_);
  other.Put("k", "v", kTtl);
  EXPECT_THAT(other.Get("k"), Optional(std::string("v")));
  EXPECT_THAT(cache_.Get("k"), Eq(std::nullopt));
}

TEST_F(RedisCacheTest, CostsAHungServerAFewShortWaitsAndComesBackByItself) {
  RedisCache cache(*ParseRedisUrl(server_.url()), clock_);
  Redis("SET k v");
  server_.Pause();
  EXPECT_LT(MedianGet(cache, 3), absl::Milliseconds(60));
  EXPECT_EQ(cache.counters().error, 3u);
  EXPECT_LT(MedianGet(cache, 100), absl::Milliseconds(1));
  EXPECT_EQ(cache.counters().error, 3u);
  EXPECT_EQ(cache.counters().open, 100u);
  clock_.Advance(absl::Seconds(2));
  EXPECT_LT(MedianGet(cache, 100), absl::Milliseconds(1));
  EXPECT_EQ(cache.counters().error, 4u) << "one probe";
  server_.Resume();
  clock_.Advance(absl::Seconds(2));
  EXPECT_EQ(GetInTheEnd(cache, "k"), "v");
}

TEST_F(RedisCacheTest, NeverGivesTheAnswerOfACallThatTimedOutToTheNext) {
  RedisCache cache(*ParseRedisUrl(server_.url()), clock_);
  Redis("SET a of-a");
  Redis("SET b of-b");
  EXPECT_EQ(GetInTheEnd(cache, "a"), "of-a");
  server_.Pause();
  EXPECT_THAT(cache.Get("a"), Eq(std::nullopt));
  server_.Resume();
  EXPECT_EQ(GetInTheEnd(cache, "b"), "of-b");
}

TEST_F(RedisCacheTest, MissesWhenTheServerIsGoneAndReconnects) {
  cache_.Put("k", "v", kTtl);
  server_.Kill();
  for (int i = 0; i < 10; ++i) {
    EXPECT_THAT(cache_.Get("k"), Eq(std::nullopt));
    cache_.Put("k", "v", kTtl);
    cache_.Drop("k");
  }
  server_.Restart();
  clock_.Advance(absl::Seconds(2));
  cache_.Put("k", "again", kTtl);
  EXPECT_THAT(cache_.Get("k"), Optional(std::string("again")));
}

TEST_F(RedisCacheTest, MissesAtOnceWhenEveryConnectionIsInUse) {
  RedisOptions options = Options();
  options.connections = 1;
  options.operation_timeout = absl::Seconds(30);
  RedisCache narrow(options, clock_);
  narrow.Put("k", "v", kTtl);
  server_.Pause();
  // Both ask; whichever comes second must not wait for the one that hangs.
  std::latch one_back(1);
  std::atomic<int> back = 0;
  const auto ask = [&] {
    (void)narrow.Get("k");
    if (++back == 1) one_back.count_down();
  };
  std::thread first(ask);
  std::thread second(ask);
  one_back.wait();
  EXPECT_EQ(narrow.counters().busy, 1u);
  server_.Resume();
  first.join();
  second.join();
  EXPECT_EQ(narrow.counters().hit, 1u);
}

TEST_F(RedisCacheTest, IsSharedByThreads) {
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([this, t] {
      const std::string key = absl::StrCat("k", t);
      for (int i = 0; i < 200; ++i) {
        cache_.Put(key, key, kTtl);
        const auto value = cache_.Get(key);
        EXPECT_TRUE(!value || *value == key);
      }
    });
  }
}

TEST_F(RedisCacheTest, ReadsNoValueThatIsLongerThanItsLimit) {
  RedisOptions options = Options();
  options.max_value_bytes = 4;
  RedisCache narrow(options, clock_);
  Redis("SET fits 1234");
  Redis("SET long 12345");
  EXPECT_THAT(narrow.Get("fits"), Optional(std::string("1234")));
  EXPECT_THAT(narrow.Get("long"), Eq(std::nullopt));
  narrow.Put("new", "12345", kTtl);
  EXPECT_EQ(Redis("EXISTS new"), "0");
}

TEST_F(RedisCacheTest, MissesAKeyThatHoldsAnotherTypeAndReplacesIt) {
  Redis("LPUSH k x");
  EXPECT_THAT(cache_.Get("k"), Eq(std::nullopt));
  EXPECT_EQ(cache_.counters().error, 1u);
  cache_.Put("k", "v", kTtl);
  EXPECT_THAT(cache_.Get("k"), Optional(std::string("v")));
}

class VerifiedCacheTest : public RedisCacheTest {
 protected:
  VerifiedCache verified_{cache_, 7};
};

TEST_F(VerifiedCacheTest, GivesBackWhatItKept) {
  verified_.Put("k", "v", kTtl);
  EXPECT_THAT(verified_.Get("k"), Optional(std::string("v")));
  verified_.Put("empty", "", kTtl);
  EXPECT_THAT(verified_.Get("empty"), Optional(std::string()));
  verified_.Drop("k");
  EXPECT_THAT(verified_.Get("k"), Eq(std::nullopt));
}

TEST_F(VerifiedCacheTest, RefusesAndDeletesGarbage) {
  Redis("SET k garbage");
  EXPECT_THAT(verified_.Get("k"), Eq(std::nullopt));
  EXPECT_EQ(Redis("EXISTS k"), "0");
  EXPECT_EQ(verified_.refused(), 1u);
}

TEST_F(VerifiedCacheTest, RefusesAndDeletesAnotherKeysAndAnotherSchemasValue) {
  verified_.Put("a", "of a", kTtl);
  Redis("COPY a b");
  EXPECT_THAT(verified_.Get("b"), Eq(std::nullopt));
  EXPECT_EQ(Redis("EXISTS b"), "0");
  VerifiedCache newer(cache_, 8);
  EXPECT_THAT(newer.Get("a"), Eq(std::nullopt));
  EXPECT_EQ(Redis("EXISTS a"), "0");
}

TEST(RedisUrl, NamesHostPortAndDatabase) {
  const auto options = ParseRedisUrl("redis://cache.clinic:6380/2");
  ASSERT_THAT(options, IsOk());
  EXPECT_EQ(options->host, "cache.clinic");
  EXPECT_EQ(options->port, 6380);
  EXPECT_EQ(options->database, 2);
  EXPECT_EQ(ParseRedisUrl("redis://[::1]")->host, "::1");
  EXPECT_EQ(ParseRedisUrl("redis://[::1]")->port, 6379);
}

TEST(RedisUrl, IsRefusedWhenItAsksForMoreAndItsSecretIsNotRepeated) {
  for (const char* url :
       {"", "127.0.0.1:6379", "rediss://h:1/0", "redis://", "redis://h:0", "redis://h:65536",
        "redis://user:hunter2@h:6379/0", "redis://h:1/0?x=1", "redis://h:1/x", "http://h", "redis://h:1/0\n"}) {
    const auto options = ParseRedisUrl(url);
    EXPECT_THAT(options, FailsWith(absl::StatusCode::kInvalidArgument, "INVALID_FIELD")) << url;
    EXPECT_THAT(std::string(options.status().message()), ::testing::Not(::testing::HasSubstr("hunter2")));
  }
}

}  // namespace
}  // namespace lumbar::cache
