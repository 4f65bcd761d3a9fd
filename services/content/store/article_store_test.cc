// What every ArticleStore promises, on every engine, with and without the cache around it.
#include "services/content/domain/article_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "common/cache/redis.h"
#include "common/status/matchers.h"
#include "common/store/testing/engines.h"
#include "common/testing/redis_server.h"
#include "common/time/proto_time.h"
#include "services/content/store/cached_article_store.h"
#include "services/content/store/migrations.h"
#include "services/content/store/sql_article_store.h"
#include "services/content/testing/answers.h"
#include "services/content/testing/samples.h"
#include "services/content/testing/shelf.h"

namespace lumbar::content {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct Variant {
  std::string name;
  store::EngineUnderTest engine;
  bool cached;
};

std::vector<Variant> Variants() {
  std::vector<Variant> variants;
  for (const auto& engine : store::Engines()) {
    variants.push_back({engine.name, engine, false});
    variants.push_back({"Cached" + engine.name, engine, true});
  }
  return variants;
}

class ArticleStoreTest : public ::testing::TestWithParam<Variant> {
 protected:
  void SetUp() override {
    ASSERT_OK_AND_ASSIGN(database_, store::Database::Open({.url = scratch_->url()}));
    ASSERT_THAT(MigrateContent(*database_, clock_), IsOk());
    sql_.emplace(*database_);
    if (!GetParam().cached) return;
    redis_server_.emplace();
    cached_.emplace(*sql_, 1 << 20, executor_, clock_, clock_);
    ASSERT_OK_AND_ASSIGN(redis_, cache::RedisCache::Start(*cache::ParseRedisUrl(redis_server_->url()),
                                                          cached_->layers().Events(), clock_));
    cached_->layers().Share(*redis_);
  }

  ArticleStore& store() { return cached_ ? static_cast<ArticleStore&>(*cached_) : *sql_; }

  // As readers get it.
  absl::StatusOr<v1::Article> Get(const std::string& name) {
    return cached_ ? ReadBy(*cached_, name) : sql_->Get(name);
  }

  absl::StatusOr<Publication> Publish(const v1::Article& article) {
    return Shelve(*database_, clock_, store(), article);
  }

  std::vector<std::string> List(const ArticleQuery& query) {
    std::vector<std::string> names;
    const auto articles = store().List(query);
    EXPECT_THAT(articles, IsOk());
    for (const auto& article : *articles) names.push_back(article.name());
    return names;
  }

  // For tests of what only the tables show.
  int64_t CountRevisions() {
    return *database_->Read([](soci::session& session) -> absl::StatusOr<int64_t> {
      int64_t count = 0;
      session << "SELECT COUNT(*) FROM article_revision", soci::into(count);
      return count;
    });
  }

  FakeClock clock_{absl::FromUnixSeconds(1'700'000'000)};
  std::unique_ptr<store::ScratchDatabase> scratch_ = GetParam().engine.scratch();
  std::unique_ptr<store::Database> database_;
  std::optional<SqlArticleStore> sql_;
  std::optional<lumbar::testing::RedisServer> redis_server_;
  Executor executor_{4, 64};
  std::optional<CachedArticleStore> cached_;
  std::unique_ptr<cache::RedisCache> redis_;
};

TEST_P(ArticleStoreTest, GivesBackWhatWasPublished) {
  v1::Article article = SampleArticle("a");
  ASSERT_OK_AND_ASSIGN(const Publication publication, Publish(article));
  EXPECT_EQ(publication.revision, 1);
  EXPECT_TRUE(publication.changed);
  article.set_revision(1);
  *article.mutable_first_publish_time() = ToProtoTime(clock_.Now());
  for (int read = 0; read < 2; ++read) {
    ASSERT_OK_AND_ASSIGN(const v1::Article found, Get("articles/a"));
    EXPECT_EQ(found.SerializeAsString(), article.SerializeAsString());
  }
}

TEST_P(ArticleStoreTest, SaysWhenThereIsNoSuchArticle) {
  for (int read = 0; read < 2; ++read) {
    EXPECT_THAT(Get("articles/none"), FailsWith(absl::StatusCode::kNotFound, "ARTICLE_NOT_FOUND"));
  }
}

TEST_P(ArticleStoreTest, ShowsANewRevisionAtOnceAndKeepsTheOldOne) {
  ASSERT_THAT(Publish(SampleArticle("a", "Old")), IsOk());
  ASSERT_EQ(Get("articles/a")->title(), "Old");
  ASSERT_OK_AND_ASSIGN(const Publication publication, Publish(SampleArticle("a", "New")));
  EXPECT_EQ(publication.revision, 2);
  EXPECT_EQ(Get("articles/a")->title(), "New");
  EXPECT_EQ(Get("articles/a")->revision(), 2);
  EXPECT_EQ(CountRevisions(), 2);
  // Back to the old text is a change like any other.
  EXPECT_EQ(Publish(SampleArticle("a", "Old"))->revision, 3);
  EXPECT_EQ(CountRevisions(), 3);
}

TEST_P(ArticleStoreTest, DoesNothingForAnArticleThatReadersGetAlready) {
  ASSERT_THAT(Publish(SampleArticle("a")), IsOk());
  ASSERT_OK_AND_ASSIGN(const Publication again, Publish(SampleArticle("a")));
  EXPECT_EQ(again.revision, 1);
  EXPECT_FALSE(again.changed);
  EXPECT_EQ(CountRevisions(), 1);
}

TEST_P(ArticleStoreTest, ListsByTitleThenNameWithoutBodies) {
  for (const auto& [id, title] : {std::pair("a", "C"), std::pair("c", "B"), std::pair("b", "B"), std::pair("d", "A")}) {
    ASSERT_THAT(Publish(SampleArticle(id, title)), IsOk());
  }
  EXPECT_THAT(List({.limit = 10}), ElementsAre("articles/d", "articles/b", "articles/c", "articles/a"));
  EXPECT_THAT(store().List({.limit = 10})->front().body_html(), IsEmpty());
  EXPECT_EQ(store().List({.limit = 10})->front().revision(), 1);
  EXPECT_THAT(List({.limit = 2}), ElementsAre("articles/d", "articles/b"));
  EXPECT_THAT(List({.after = ArticlePosition{"B", "articles/b"}, .limit = 10}),
              ElementsAre("articles/c", "articles/a"));
}

TEST_P(ArticleStoreTest, ListsOneTopicAndAnyOfSomeCauses) {
  v1::Article article = SampleArticle("a");
  ASSERT_THAT(Publish(article), IsOk());
  article = SampleArticle("b");
  article.set_topic("prevention");
  article.clear_causes();
  article.add_causes("worn_shoes");
  ASSERT_THAT(Publish(article), IsOk());
  EXPECT_THAT(List({.topic = "prevention", .limit = 10}), ElementsAre("articles/b"));
  EXPECT_THAT(List({.causes = {"sciatica"}, .limit = 10}), ElementsAre("articles/a"));
  EXPECT_THAT(List({.causes = {"sciatica", "muscle_strain", "worn_shoes"}, .limit = 10}),
              ElementsAre("articles/a", "articles/b"));
  EXPECT_THAT(List({.topic = "prevention", .causes = {"sciatica"}, .limit = 10}), IsEmpty());
  EXPECT_THAT(List({.topic = "'; DROP TABLE article; --", .limit = 10}), IsEmpty());
  // A new revision lists under its own causes and not under the old ones.
  article.set_causes(0, "arthritis");
  article.set_etag(EtagOf(article));
  ASSERT_THAT(Publish(article), IsOk());
  EXPECT_THAT(List({.causes = {"worn_shoes"}, .limit = 10}), IsEmpty());
  EXPECT_THAT(List({.causes = {"arthritis"}, .limit = 10}), ElementsAre("articles/b"));
}

TEST_P(ArticleStoreTest, ListsOneLanguage) {
  v1::Article article = SampleArticle("a");
  ASSERT_THAT(Publish(article), IsOk());
  article = SampleArticle("b");
  article.set_language_code("es");
  ASSERT_THAT(Publish(article), IsOk());
  EXPECT_THAT(List({.limit = 10, .language = "es"}), ElementsAre("articles/b"));
  EXPECT_THAT(List({.limit = 10, .language = "en"}), ElementsAre("articles/a"));
}

TEST_P(ArticleStoreTest, GivesNothingThatWasTakenOffTheShelfAndKeepsItsRevisions) {
  ASSERT_THAT(Publish(SampleArticle("a")), IsOk());
  ASSERT_THAT(Get("articles/a"), IsOk());
  ASSERT_OK_AND_ASSIGN(const int64_t last, database_->Write([](soci::session& session) -> absl::StatusOr<int64_t> {
    return TakeOffShelf(session, "articles/a");
  }));
  store().Announce({"articles/a", last + 1, true});
  EXPECT_THAT(Get("articles/a"), FailsWith(absl::StatusCode::kNotFound, "ARTICLE_NOT_FOUND"));
  EXPECT_THAT(List({.limit = 10}), IsEmpty());
  EXPECT_THAT(List({.causes = {"sciatica"}, .limit = 10}), IsEmpty());
  EXPECT_EQ(CountRevisions(), 1);
}

TEST_P(ArticleStoreTest, NumbersRevisionsWithoutAGapWhenManyPublish) {
  std::vector<std::jthread> threads;
  threads.reserve(4);
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([this, t] {
      for (int i = 0; i < 5; ++i) {
        const v1::Article article = SampleArticle("a", absl::StrCat("Title ", t, " ", i));
        auto publication = Publish(article);
        // A machine that is slow enough has somebody told to try again.
        while (absl::IsUnavailable(publication.status())) publication = Publish(article);
        EXPECT_THAT(publication, IsOk());
      }
    });
  }
  threads.clear();
  EXPECT_EQ(Get("articles/a")->revision(), 20);
  EXPECT_EQ(CountRevisions(), 20);
}

INSTANTIATE_TEST_SUITE_P(EveryEngine, ArticleStoreTest, ::testing::ValuesIn(Variants()),
                         [](const auto& variant) { return variant.param.name; });

}  // namespace
}  // namespace lumbar::content
