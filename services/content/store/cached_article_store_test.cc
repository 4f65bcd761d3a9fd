// Two replicas on one origin and a real Redis, in whatever state it is. What the layers promise by themselves is tested
// beside them (common/cache/layered_cache_test.cc).
#include "services/content/store/cached_article_store.h"

#include <absl/strings/str_cat.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "common/cache/redis.h"
#include "common/status/matchers.h"
#include "common/testing/redis_server.h"
#include "services/content/errors.h"
#include "services/content/testing/answers.h"
#include "services/content/testing/samples.h"

namespace lumbar::content {
namespace {

constexpr char kCachedArticle[] = "articles/a";

// Keeps the newest revision and counts who reads it.
class CountingStore final : public ArticleStore {
 public:
  absl::StatusOr<v1::Article> Get(absl::string_view name) override {
    ++reads;
    const MutexLock lock(mutex_);
    if (current_.name() != name) return ArticleNotFound();
    return current_;
  }
  absl::StatusOr<std::vector<v1::Article>> List(const ArticleQuery&) override { return std::vector<v1::Article>(); }
  void Set(const v1::Article& article) {
    const MutexLock lock(mutex_);
    const int64_t revision = current_.revision() + 1;
    current_ = article;
    current_.set_revision(revision);
  }

  std::atomic<int> reads = 0;

 private:
  Mutex mutex_;
  v1::Article current_ ABSL_GUARDED_BY(mutex_);
};

// One process of the service.
struct Replica {
  Replica(CountingStore& origin, Executor& executor, cache::RedisOptions options, const Clock& clock)
      : store(origin, 1 << 20, executor, clock, clock) {
    options.prefix = "lumbar:content:";
    redis = *cache::RedisCache::Start(std::move(options), store.layers().Events(), clock);
    store.layers().Share(*redis);
  }

  CachedArticleStore store;
  std::unique_ptr<cache::RedisCache> redis;
};

class CachedArticleStoreTest : public ::testing::Test {
 protected:
  void SetUp() override { origin_.Set(SampleArticle("a", "0")); }

  cache::RedisOptions Options(absl::Duration timeout = absl::Seconds(30)) {
    cache::RedisOptions options = *cache::ParseRedisUrl(server_.url());
    options.operation_timeout = options.connect_timeout = timeout;
    return options;
  }
  absl::Time Publish(Replica& by, absl::string_view title) {
    by.store.Prepare(kCachedArticle);
    origin_.Set(SampleArticle("a", title));
    return by.store.Announce({kCachedArticle, 0, false});
  }
  static std::string Title(Replica& replica) {
    const auto article = ReadBy(replica.store, kCachedArticle);
    EXPECT_THAT(article, IsOk());
    return article.ok() ? article->title() : "";
  }

  lumbar::testing::RedisServer server_;
  FakeClock clock_{absl::FromUnixSeconds(1'700'000'000)};
  CountingStore origin_;
  Executor executor_{4, 64};
};

TEST_F(CachedArticleStoreTest, ReadsTheOriginOnceForAllReplicasAndShowsANewRevisionToAll) {
  Replica a(origin_, executor_, Options(), clock_), b(origin_, executor_, Options(), clock_);
  EXPECT_EQ(Title(a), "0");
  // The value is on its way to Redis.
  while (a.redis->counters().miss + a.redis->counters().hit < 1) std::this_thread::yield();
  EXPECT_EQ(Publish(a, "1"), clock_.Now() + absl::Seconds(1));
  EXPECT_EQ(Title(a), "1");
  while (Title(b) != "1") std::this_thread::yield();
  EXPECT_LE(origin_.reads, 4);
}

TEST_F(CachedArticleStoreTest, SaysThatTheOldRevisionMayLastWhenRedisCannotBeTold) {
  Replica a(origin_, executor_, Options(absl::Milliseconds(50)), clock_);
  EXPECT_EQ(Title(a), "0");
  server_.Kill();
  EXPECT_EQ(Publish(a, "1"), clock_.Now() + CachedArticleStore::kBound);
  EXPECT_EQ(Title(a), "1");
}

TEST_F(CachedArticleStoreTest, FailsNoRequestWhenTheServerIsKilledHungOrBackAmongReaders) {
  Replica a(origin_, executor_, Options(absl::Milliseconds(20)), clock_);
  Replica b(origin_, executor_, Options(absl::Milliseconds(20)), clock_);
  std::atomic<bool> stop = false;
  std::atomic<int> reads = 0;
  std::vector<std::jthread> readers;
  readers.reserve(4);
  for (int t = 0; t < 4; ++t) {
    readers.emplace_back([&, t] {
      while (!stop) {
        EXPECT_EQ(Title(t % 2 == 0 ? a : b), "0");
        ++reads;
        std::this_thread::yield();
      }
    });
  }
  const auto let_them_read = [&] {
    const int enough = reads + 400;
    while (reads < enough) std::this_thread::yield();
    // Past the breaker's cool-down and the memory's second, so that the next state is really asked.
    clock_.Advance(absl::Seconds(2));
  };
  let_them_read();
  server_.Pause();
  let_them_read();
  let_them_read();
  server_.Resume();
  let_them_read();
  server_.Kill();
  let_them_read();
  let_them_read();
  server_.Restart();
  let_them_read();
  stop = true;
}

// The publisher counts up; nobody may see less than was told a second before by the clock that both go by.
TEST_F(CachedArticleStoreTest, BringsNoOldRevisionBackWhileSixtyFourFillFromRedis) {
  Replica a(origin_, executor_, Options(), clock_), b(origin_, executor_, Options(), clock_);
  std::atomic<int> told = 0, reads = 0;
  std::atomic<bool> stop = false;
  std::vector<std::jthread> readers;
  readers.reserve(64);
  for (int r = 0; r < 64; ++r) {
    readers.emplace_back([&] {
      while (!stop) {
        const int least = told;
        EXPECT_GE(std::stoi(Title(a)), least) << "the one that published never goes back";
        ++reads;
        std::this_thread::yield();
      }
    });
  }
  for (int revision = 1; revision <= 40; ++revision) {
    Publish(a, absl::StrCat(revision));
    told = revision;
    // The clock stands: what the other holds would be good for ever if nobody told it.
    while (Title(b) != absl::StrCat(revision)) std::this_thread::yield();
    EXPECT_EQ(Title(b), absl::StrCat(revision));
    const int enough = reads + 64;
    while (reads < enough) std::this_thread::yield();
  }
  stop = true;
}

}  // namespace
}  // namespace lumbar::content
