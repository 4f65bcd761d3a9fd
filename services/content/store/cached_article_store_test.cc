#include "services/content/store/cached_article_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <thread>

#include "common/cache/redis.h"
#include "common/status/matchers.h"
#include "common/testing/redis_server.h"
#include "services/content/errors.h"
#include "services/content/testing/samples.h"

namespace lumbar::content {
namespace {

constexpr char kName[] = "articles/a";

// Keeps the newest revision and counts who reads it. `before_answer` runs between the reading and the answer.
class CountingStore final : public ArticleStore {
 public:
  absl::StatusOr<v1::Article> Get(absl::string_view name) override {
    ++reads;
    const v1::Article seen = Current();
    if (before_answer) std::exchange(before_answer, nullptr)();
    if (seen.name() != name) return ArticleNotFound();
    return seen;
  }
  absl::StatusOr<std::vector<v1::Article>> List(const ArticleQuery&) override { return std::vector<v1::Article>(); }
  // Returns the revision.
  int64_t Publish(const v1::Article& article) {
    const MutexLock lock(mutex_);
    const int64_t revision = current_.revision() + 1;
    current_ = article;
    current_.set_revision(revision);
    return revision;
  }

  std::atomic<int> reads = 0;
  std::function<void()> before_answer;

 private:
  v1::Article Current() {
    const MutexLock lock(mutex_);
    return current_;
  }

  Mutex mutex_;
  v1::Article current_ ABSL_GUARDED_BY(mutex_);
};

// A cache whose Put arrives when the test says.
class MapCache final : public cache::Cache {
 public:
  std::optional<std::string> Get(absl::string_view key) override {
    const auto found = values.find(std::string(key));
    return found == values.end() ? std::nullopt : std::optional(found->second);
  }
  void Put(absl::string_view key, absl::string_view value, absl::Duration ttl) override {
    if (before_put) std::exchange(before_put, nullptr)();
    values[std::string(key)] = std::string(value);
    last_ttl = ttl;
  }
  void Drop(absl::string_view key) override { values.erase(std::string(key)); }

  std::map<std::string, std::string> values;
  std::function<void()> before_put;
  absl::Duration last_ttl;
};

class CachedArticleStoreTest : public ::testing::Test {
 protected:
  void SetUp() override { Publish("Old"); }

  void Publish(absl::string_view title) { store_.Announce({kName, origin_.Publish(SampleArticle("a", title))}); }
  std::string Title(ArticleStore& store) {
    const auto article = store.Get(kName);
    EXPECT_THAT(article, IsOk());
    return article.ok() ? article->title() : "";
  }

  FakeClock clock_{absl::FromUnixSeconds(1'700'000'000)};
  CountingStore origin_;
  MapCache cache_;
  CachedArticleStore store_{origin_, cache_, clock_};
  // Shares origin and cache, as another process would.
  CachedArticleStore replica_{origin_, cache_, clock_};
};

TEST_F(CachedArticleStoreTest, ReadsTheOriginOnceForAllReplicas) {
  for (int read = 0; read < 5; ++read) {
    EXPECT_EQ(Title(store_), "Old");
    EXPECT_EQ(Title(replica_), "Old");
  }
  EXPECT_EQ(origin_.reads, 1);
}

TEST_F(CachedArticleStoreTest, GivesNothingOutThatIsOlderThanTheBound) {
  EXPECT_EQ(Title(store_), "Old");
  EXPECT_GT(cache_.last_ttl, absl::Seconds(20));
  EXPECT_LE(cache_.last_ttl, CachedArticleStore::kBound);
  origin_.Publish(SampleArticle("a", "New"));
  EXPECT_EQ(Title(replica_), "Old");
  // The cache still has the value, as a hung one would that takes the Put up late.
  clock_.Advance(CachedArticleStore::kBound);
  EXPECT_EQ(Title(store_), "New");
  EXPECT_EQ(origin_.reads, 2);
}

TEST_F(CachedArticleStoreTest, CountsTheBoundFromTheReadingAndNotFromThePut) {
  origin_.before_answer = [&] { clock_.Advance(CachedArticleStore::kBound); };
  EXPECT_EQ(Title(store_), "Old");
  origin_.Publish(SampleArticle("a", "New"));
  EXPECT_EQ(Title(store_), "New");
}

TEST_F(CachedArticleStoreTest, ShowsAPublishedRevisionAtOnceToEveryReplica) {
  EXPECT_EQ(Title(replica_), "Old");
  Publish("New");
  EXPECT_EQ(Title(store_), "New");
  EXPECT_EQ(Title(replica_), "New");
}

TEST_F(CachedArticleStoreTest, DoesNotBringBackWhatAFillReadBeforeThePublish) {
  origin_.before_answer = [&] { Publish("New"); };
  EXPECT_EQ(Title(store_), "Old") << "what was true when it asked";
  EXPECT_TRUE(cache_.values.empty());
  EXPECT_EQ(Title(store_), "New");
  EXPECT_EQ(Title(replica_), "New");
}

TEST_F(CachedArticleStoreTest, TakesBackAFillThatAPublishOvertook) {
  cache_.before_put = [&] { Publish("New"); };
  EXPECT_EQ(Title(store_), "Old");
  EXPECT_TRUE(cache_.values.empty());
  EXPECT_EQ(Title(replica_), "New");
}

TEST_F(CachedArticleStoreTest, RefusesAnOldRevisionThatAnotherReplicaBroughtBack) {
  cache_.before_put = [&] { Publish("New"); };
  EXPECT_EQ(Title(replica_), "Old");
  ASSERT_EQ(cache_.values.size(), 1u) << "the replica can't know of the publish";
  EXPECT_EQ(Title(store_), "New");
  EXPECT_EQ(Title(replica_), "New");
}

TEST_F(CachedArticleStoreTest, DropsTheOldRevisionWhenThePublishMayHaveBeenCommitted) {
  EXPECT_EQ(Title(store_), "Old");
  origin_.Publish(SampleArticle("a", "New"));
  store_.Announce({kName});
  EXPECT_EQ(Title(store_), "New");
}

TEST_F(CachedArticleStoreTest, KeepsNoAbsence) {
  EXPECT_THAT(store_.Get("articles/none"), FailsWith(absl::StatusCode::kNotFound, "ARTICLE_NOT_FOUND"));
  EXPECT_TRUE(cache_.values.empty());
}

TEST_F(CachedArticleStoreTest, RefusesWhatItsOwnSealDoesNotExplain) {
  EXPECT_EQ(Title(store_), "Old");
  const auto [key, value] = *cache_.values.begin();
  cache::VerifiedCache forger(cache_, 1);
  for (const std::string& payload :
       {std::string(), std::string("\n"), std::string("soon\nx"), std::string("99999999999999999\n"),
        absl::StrCat(absl::ToUnixMicros(clock_.Now() + absl::Seconds(9)), "\n\xff\xff garbage"),
        absl::StrCat(absl::ToUnixMicros(clock_.Now() + absl::Seconds(9)), "\n",
                     SampleArticle("other").SerializeAsString())}) {
    forger.Put(key, payload, absl::Seconds(9));
    EXPECT_EQ(Title(store_), "Old");
    EXPECT_EQ(store_.Get(kName)->name(), kName);
  }
}

// With a real Redis, in whatever state it is.
class CachedInRedisTest : public CachedArticleStoreTest {
 protected:
  cache::RedisOptions Options(absl::Duration timeout) {
    cache::RedisOptions options = *cache::ParseRedisUrl(server_.url());
    options.operation_timeout = options.connect_timeout = timeout;
    return options;
  }

  lumbar::testing::RedisServer server_;
  cache::RedisCache redis_{Options(absl::Seconds(30)), clock_};
  CachedArticleStore cached_{origin_, redis_, clock_};
};

TEST_F(CachedInRedisTest, HitsAndShowsAPublishedRevisionAtOnce) {
  for (int read = 0; read < 5; ++read) EXPECT_EQ(Title(cached_), "Old");
  EXPECT_EQ(origin_.reads, 1);
  EXPECT_EQ(redis_.counters().hit, 4u);
  cached_.Announce({kName, origin_.Publish(SampleArticle("a", "New"))});
  EXPECT_EQ(Title(cached_), "New");
}

TEST_F(CachedInRedisTest, RefusesGarbageAndReplacesIt) {
  redis_.Put("lumbar:content:articles/a", "garbage", absl::Minutes(5));
  EXPECT_EQ(Title(cached_), "Old");
  EXPECT_EQ(Title(cached_), "Old");
  EXPECT_EQ(origin_.reads, 1);
}

TEST_F(CachedInRedisTest, FailsNoRequestWhenTheServerIsKilledHungOrBackAmongReaders) {
  cache::RedisCache redis(Options(absl::Milliseconds(20)), clock_);
  CachedArticleStore cached(origin_, redis, clock_);
  std::atomic<bool> stop = false;
  std::atomic<int> reads = 0;
  std::vector<std::jthread> readers;
  for (int t = 0; t < 4; ++t) {
    readers.emplace_back([&] {
      while (!stop) {
        EXPECT_EQ(Title(cached), "Old");
        ++reads;
      }
    });
  }
  const auto let_them_read = [&] {
    const int enough = reads + 200;
    while (reads < enough) std::this_thread::yield();
    // Past the breaker's cool-down, so that the next state is really asked.
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

TEST_F(CachedInRedisTest, PublishesWhileTheServerIsGone) {
  EXPECT_EQ(Title(cached_), "Old");
  server_.Kill();
  cached_.Announce({kName, origin_.Publish(SampleArticle("a", "New"))});
  EXPECT_EQ(Title(cached_), "New");
}

}  // namespace
}  // namespace lumbar::content
