#include "common/cache/redis.h"

#include <absl/strings/str_cat.h>
#include <absl/time/clock.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <hiredis/hiredis.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <thread>

#include "common/status/matchers.h"
#include "common/testing/redis_server.h"

namespace lumbar::cache {
namespace {

using ::testing::Eq;
using ::testing::Optional;
using testing::RedisServer;

constexpr absl::Duration kTtl = absl::Minutes(5);

// What a follower heard.
struct Heard {
  std::atomic<int> changed = 0, all_changed = 0, beats = 0;
  Mutex mutex;
  std::string last ABSL_GUARDED_BY(mutex);

  SharedEvents Events() {
    return {[this](absl::string_view key) {
              {
                const MutexLock lock(mutex);
                last = std::string(key);
              }
              ++changed;
            },
            [this] { ++all_changed; }, [this](absl::Time) { ++beats; }, [] {}};
  }
  std::string Last() {
    const MutexLock lock(mutex);
    return last;
  }
};

// Waits until `count` is more than `before`.
void AwaitMore(const std::atomic<int>& count, int before) {
  while (count <= before) std::this_thread::yield();
}

class RedisCacheTest : public ::testing::Test {
 protected:
  // A busy machine may keep a healthy server from answering in 20 ms; only tests of a hung one wait that short.
  RedisOptions Options() const {
    RedisOptions options = *ParseRedisUrl(server_.url());
    options.operation_timeout = options.connect_timeout = absl::Seconds(30);
    return options;
  }
  std::unique_ptr<RedisCache> Start(const RedisOptions& options) {
    return *RedisCache::Start(options, heard_.Events(), clock_);
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

  static Found Get(RedisCache& cache, absl::string_view key) {
    std::promise<Found> found;
    cache.Get(key, [&](Found got) { found.set_value(std::move(got)); });
    return found.get_future().get();
  }
  static Outcome Put(RedisCache& cache, absl::string_view key, absl::string_view value, absl::string_view stamp = "",
                     absl::Duration ttl = kTtl) {
    std::promise<Outcome> outcome;
    cache.Put(key, stamp, value, ttl, [&](Outcome came) { outcome.set_value(came); });
    return outcome.get_future().get();
  }
  static Outcome Stamp(RedisCache& cache, absl::string_view key, absl::string_view stamp) {
    std::promise<Outcome> outcome;
    cache.Stamp(key, stamp, kTtl, [&](Outcome came) { outcome.set_value(came); });
    return outcome.get_future().get();
  }

  // The middle one of `calls` Gets; a machine with other work to do makes single ones slow.
  absl::Duration MedianGet(RedisCache& cache, int calls) {
    std::vector<absl::Duration> times;
    for (int i = 0; i < calls; ++i) {
      const absl::Time start = absl::Now();
      EXPECT_FALSE(Get(cache, "k").reached);
      times.push_back(absl::Now() - start);
    }
    std::sort(times.begin(), times.end());
    return times[times.size() / 2];
  }

  // Asks, a cool-down apart, until there is an answer.
  std::string GetInTheEnd(RedisCache& cache, absl::string_view key) {
    for (int i = 0; i < 1000; ++i) {
      if (const auto found = Get(cache, key); found.value) return *found.value;
      clock_.Advance(absl::Seconds(2));
    }
    return "never answered";
  }

  RedisServer server_;
  FakeClock clock_{absl::FromUnixSeconds(1'700'000'000)};
  Heard heard_;
  std::unique_ptr<RedisCache> cache_ = Start(Options());
};

TEST_F(RedisCacheTest, KeepsAndForgets) {
  const std::string value("a\0b\xff", 4);
  EXPECT_THAT(Get(*cache_, "k").value, Eq(std::nullopt));
  EXPECT_EQ(Put(*cache_, "k", value), Outcome::kDone);
  EXPECT_THAT(Get(*cache_, "k").value, Optional(value));
  cache_->Drop("k");
  EXPECT_THAT(Get(*cache_, "k").value, Eq(std::nullopt));
  EXPECT_EQ(cache_->counters().hit, 1u);
  EXPECT_EQ(cache_->counters().miss, 2u);
  EXPECT_EQ(cache_->counters().error, 0u);
}

TEST_F(RedisCacheTest, GivesEveryValueATimeToLive) {
  Put(*cache_, "k", "v");
  EXPECT_THAT(std::stoi(Redis("PTTL lumbar:value:k")),
              ::testing::AllOf(::testing::Gt(240'000), ::testing::Le(300'000)));
  EXPECT_EQ(Put(*cache_, "none", "v", "", absl::ZeroDuration()), Outcome::kUnreached);
  EXPECT_EQ(Redis("EXISTS lumbar:value:none"), "0");
}

TEST_F(RedisCacheTest, RefusesAValueWhoseStampIsNotTheKeysAnyMore) {
  EXPECT_EQ(Put(*cache_, "k", "old"), Outcome::kDone);
  EXPECT_EQ(Stamp(*cache_, "k", "s1"), Outcome::kDone);
  EXPECT_THAT(Get(*cache_, "k").value, Eq(std::nullopt));
  EXPECT_EQ(Get(*cache_, "k").stamp, "s1");
  EXPECT_EQ(Put(*cache_, "k", "old"), Outcome::kRefused);
  EXPECT_THAT(Get(*cache_, "k").value, Eq(std::nullopt));
  EXPECT_EQ(Put(*cache_, "k", "new", "s1"), Outcome::kDone);
  EXPECT_THAT(Get(*cache_, "k").value, Optional(std::string("new")));
}

TEST_F(RedisCacheTest, KeepsToTheDatabaseOfItsUrl) {
  RedisOptions options = Options();
  options.database = 3;
  const auto other = Start(options);
  Put(*other, "k", "v");
  EXPECT_THAT(Get(*other, "k").value, Optional(std::string("v")));
  EXPECT_THAT(Get(*cache_, "k").value, Eq(std::nullopt));
}

TEST_F(RedisCacheTest, TellsFollowersOfEveryNewStampAndOfNothingElse) {
  const auto other = Start(Options());
  AwaitMore(heard_.beats, 1);
  const int armed = heard_.all_changed;
  Put(*cache_, "k", "v");
  Stamp(*cache_, "articles/a", "s1");
  AwaitMore(heard_.changed, 0);
  EXPECT_EQ(heard_.Last(), "articles/a");
  EXPECT_EQ(heard_.all_changed, armed);
}

TEST_F(RedisCacheTest, TellsFollowersThatAllMayHaveChangedWhenAllIsFlushed) {
  AwaitMore(heard_.beats, 0);
  const int before = heard_.all_changed;
  Redis("FLUSHALL");
  AwaitMore(heard_.all_changed, before);
}

TEST_F(RedisCacheTest, FollowsAgainAfterItsConnectionDiedAndSaysThatSomethingWasMissed) {
  AwaitMore(heard_.beats, 0);
  int before = heard_.all_changed;
  Redis("CLIENT KILL TYPE pubsub");
  AwaitMore(heard_.all_changed, before);
  before = heard_.all_changed;
  server_.Kill();
  server_.Restart();
  AwaitMore(heard_.all_changed, before);
  const int changed = heard_.changed;
  clock_.Advance(absl::Seconds(2));
  while (Stamp(*cache_, "k", "s1") != Outcome::kDone) clock_.Advance(absl::Seconds(2));
  AwaitMore(heard_.changed, changed);
}

TEST_F(RedisCacheTest, HearsNothingFromAServerThatHangsUntilItGoesOn) {
  AwaitMore(heard_.beats, 0);
  server_.Pause();
  const int beats = heard_.beats;
  EXPECT_FALSE(Get(*Start(*ParseRedisUrl(server_.url())), "k").reached);
  EXPECT_LE(heard_.beats, beats + 1);
  server_.Resume();
  AwaitMore(heard_.beats, beats + 1);
}

TEST_F(RedisCacheTest, CostsAHungServerAFewShortWaitsAndComesBackByItself) {
  const auto cache = Start(*ParseRedisUrl(server_.url()));
  Redis("SET lumbar:value:k v");
  EXPECT_EQ(GetInTheEnd(*cache, "k"), "v");
  server_.Pause();
  const uint64_t errors = cache->counters().error, open = cache->counters().open;
  EXPECT_LT(MedianGet(*cache, 3), absl::Milliseconds(60));
  EXPECT_EQ(cache->counters().error, errors + 3);
  EXPECT_LT(MedianGet(*cache, 100), absl::Milliseconds(1));
  EXPECT_EQ(cache->counters().error, errors + 3);
  EXPECT_EQ(cache->counters().open, open + 100);
  clock_.Advance(absl::Seconds(2));
  EXPECT_LT(MedianGet(*cache, 100), absl::Milliseconds(1));
  EXPECT_EQ(cache->counters().error, errors + 4) << "one probe";
  server_.Resume();
  clock_.Advance(absl::Seconds(2));
  EXPECT_EQ(GetInTheEnd(*cache, "k"), "v");
}

TEST_F(RedisCacheTest, NeverGivesTheAnswerOfACallThatTimedOutToTheNext) {
  const auto cache = Start(*ParseRedisUrl(server_.url()));
  Redis("SET lumbar:value:a of-a");
  Redis("SET lumbar:value:b of-b");
  EXPECT_EQ(GetInTheEnd(*cache, "a"), "of-a");
  server_.Pause();
  EXPECT_FALSE(Get(*cache, "a").reached);
  server_.Resume();
  EXPECT_EQ(GetInTheEnd(*cache, "b"), "of-b");
}

TEST_F(RedisCacheTest, MissesWhenTheServerIsGoneAndReconnects) {
  Put(*cache_, "k", "v");
  server_.Kill();
  for (int i = 0; i < 10; ++i) {
    EXPECT_FALSE(Get(*cache_, "k").reached);
    EXPECT_EQ(Put(*cache_, "k", "v"), Outcome::kUnreached);
    EXPECT_EQ(Stamp(*cache_, "k", "s"), Outcome::kUnreached);
    cache_->Drop("k");
  }
  server_.Restart();
  for (int i = 0; i < 100 && Put(*cache_, "k", "again") != Outcome::kDone; ++i) clock_.Advance(absl::Seconds(2));
  EXPECT_THAT(Get(*cache_, "k").value, Optional(std::string("again")));
}

TEST_F(RedisCacheTest, ReadsFromAServerThatTakesNoWritesAndTellsFollowersThroughIt) {
  Put(*cache_, "k", "v");
  AwaitMore(heard_.beats, 0);
  for (const auto& [refuse, allow] : {std::pair("CONFIG SET maxmemory 1", "CONFIG SET maxmemory 0"),
                                      std::pair("REPLICAOF 127.0.0.1 1", "REPLICAOF NO ONE")}) {
    Redis(refuse);
    EXPECT_THAT(Get(*cache_, "k").value, Optional(std::string("v"))) << refuse;
    EXPECT_EQ(Put(*cache_, "other", "v"), Outcome::kUnreached) << refuse;
    const int changed = heard_.changed;
    EXPECT_EQ(Stamp(*cache_, "other", "s"), Outcome::kUnreached) << refuse;
    AwaitMore(heard_.changed, changed);
    Redis(allow);
    EXPECT_EQ(Put(*cache_, "other", "v"), Outcome::kDone) << allow;
    Redis("DEL lumbar:value:other");
  }
}

TEST_F(RedisCacheTest, MissesAtOnceWhenTooMuchIsUnderWay) {
  RedisOptions options = Options();
  options.most_under_way = 1;
  const auto narrow = Start(options);
  Put(*narrow, "k", "v");
  server_.Pause();
  std::promise<Found> first;
  narrow->Get("k", [&](Found found) { first.set_value(std::move(found)); });
  EXPECT_FALSE(Get(*narrow, "k").reached);
  EXPECT_EQ(narrow->counters().busy, 1u);
  server_.Resume();
  EXPECT_THAT(first.get_future().get().value, Optional(std::string("v")));
}

TEST_F(RedisCacheTest, CallsBackForEverythingWhenItIsStopped) {
  Put(*cache_, "k", "v");
  server_.Pause();
  std::promise<Found> found;
  cache_->Get("k", [&](Found got) { found.set_value(std::move(got)); });
  cache_->Stop();
  EXPECT_FALSE(found.get_future().get().reached);
  EXPECT_FALSE(Get(*cache_, "k").reached);
  server_.Resume();
}

TEST_F(RedisCacheTest, IsSharedByThreads) {
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([this, t] {
      const std::string key = absl::StrCat("k", t);
      for (int i = 0; i < 200; ++i) {
        Put(*cache_, key, key);
        EXPECT_THAT(Get(*cache_, key).value, Optional(key));
      }
    });
  }
}

TEST_F(RedisCacheTest, ReadsNoValueThatIsLongerThanItsLimit) {
  RedisOptions options = Options();
  options.max_value_bytes = 4;
  const auto narrow = Start(options);
  Redis("SET lumbar:value:fits 1234");
  Redis("SET lumbar:value:long 12345");
  EXPECT_THAT(Get(*narrow, "fits").value, Optional(std::string("1234")));
  EXPECT_THAT(Get(*narrow, "long").value, Eq(std::nullopt));
  EXPECT_EQ(Put(*narrow, "new", "12345"), Outcome::kUnreached);
  EXPECT_EQ(Redis("EXISTS lumbar:value:new"), "0");
}

TEST_F(RedisCacheTest, MissesAKeyThatHoldsAnotherTypeAndReplacesIt) {
  Redis("LPUSH lumbar:value:k x");
  EXPECT_THAT(Get(*cache_, "k").value, Eq(std::nullopt));
  EXPECT_EQ(cache_->counters().error, 1u);
  EXPECT_EQ(Put(*cache_, "k", "v"), Outcome::kDone);
  EXPECT_THAT(Get(*cache_, "k").value, Optional(std::string("v")));
}

TEST_F(RedisCacheTest, DeletesAStampThatNobodyHereMade) {
  for (const std::string& forge :
       {std::string("LPUSH lumbar:stamp:k x"), "SET lumbar:stamp:k " + std::string(99, 'x')}) {
    Put(*cache_, "k", "v");
    Redis(forge);
    EXPECT_FALSE(Get(*cache_, "k").reached);
    EXPECT_THAT(Get(*cache_, "k").value, Optional(std::string("v")));
    EXPECT_EQ(Redis("EXISTS lumbar:stamp:k"), "0");
  }
}

TEST_F(RedisCacheTest, ShowsItsPasswordAndIsRefusedWithAWrongOne) {
  Redis("CONFIG SET requirepass hunter2");
  RedisOptions options = Options();
  options.password = "hunter2";
  EXPECT_EQ(Put(*Start(options), "k", "v"), Outcome::kDone);
  options.password = "wrong";
  EXPECT_FALSE(Get(*Start(options), "k").reached);
  options.password = "";
  EXPECT_FALSE(Get(*Start(options), "k").reached);
}

TEST(RedisUrl, NamesHostPortAndDatabase) {
  const auto options = ParseRedisUrl("redis://cache.clinic:6380/2");
  ASSERT_THAT(options, IsOk());
  EXPECT_EQ(options->addresses[0].host, "cache.clinic");
  EXPECT_EQ(options->addresses[0].port, 6380);
  EXPECT_EQ(options->database, 2);
  EXPECT_FALSE(options->tls);
  EXPECT_EQ(ParseRedisUrl("redis://[::1]")->addresses[0].host, "::1");
  EXPECT_EQ(ParseRedisUrl("redis://[::1]")->addresses[0].port, 6379);
}

TEST(RedisUrl, NamesUserPasswordAndTls) {
  const auto options = ParseRedisUrl("rediss://reader:p%40ss:w@cache.clinic/1");
  ASSERT_THAT(options, IsOk());
  EXPECT_TRUE(options->tls);
  EXPECT_EQ(options->user, "reader");
  EXPECT_EQ(options->password, "p@ss:w");
  EXPECT_EQ(options->database, 1);
  EXPECT_EQ(ParseRedisUrl("redis://:secret@h")->password, "secret");
}

TEST(RedisUrl, NamesSentinelsAndWhatTheyCallTheServer) {
  const auto options = ParseRedisUrl("redis+sentinel://:secret@s1,s2:26380,[::1]/content/3");
  ASSERT_THAT(options, IsOk());
  EXPECT_EQ(options->master, "content");
  EXPECT_EQ(options->database, 3);
  ASSERT_EQ(options->addresses.size(), 3u);
  EXPECT_EQ(options->addresses[0].port, 26379);
  EXPECT_EQ(options->addresses[1].port, 26380);
  EXPECT_EQ(options->addresses[2].host, "::1");
}

TEST(RedisUrl, IsRefusedWhenItIsMalformedAndItsSecretIsNotRepeated) {
  for (const char* url :
       {"", "127.0.0.1:6379", "redis://", "redis://h:0", "redis://h:65536", "redis://h:1/0?x=1", "redis://h:1/x",
        "http://h", "redis://h:1/0\n", "redis://hunter2@h", "redis://u:hunter2%4@h", "redis://a,b",
        "redis+sentinel://u:hunter2@h", "redis+sentinel://h/0", "rediss://h/content"}) {
    const auto options = ParseRedisUrl(url);
    EXPECT_THAT(options, FailsWith(absl::StatusCode::kInvalidArgument, "INVALID_FIELD")) << url;
    EXPECT_THAT(std::string(options.status().message()), ::testing::Not(::testing::HasSubstr("hunter2")));
  }
}

}  // namespace
}  // namespace lumbar::cache
