#include "services/content/domain/sitemap.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/rpc/testing.h"
#include "common/status/matchers.h"
#include "common/store/testing/engines.h"
#include "services/content/domain/signpost.h"
#include "services/content/store/migrations.h"
#include "services/content/store/sql_article_index.h"
#include "services/content/store/sql_article_store.h"
#include "services/content/testing/answers.h"
#include "services/content/testing/samples.h"
#include "services/content/testing/shelf.h"

namespace lumbar::content {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

class SitemapTest : public store::EngineTest {
 protected:
  void SetUp() override { ASSERT_THAT(MigrateContent(*database_, clock_), IsOk()); }

  void Add(const std::string& id, const std::string& language = "en", const std::string& original = "") {
    v1::Article article = SampleArticle(id);
    article.set_language_code(language);
    article.set_translation_of(original);
    article.set_etag(EtagOf(article));
    ASSERT_THAT(Shelve(*database_, clock_, shelf_, article), IsOk());
  }
  absl::StatusOr<std::string> Get(int page = 0) {
    Signpost signpost(answers_, index_, site_);
    v1::GetSitemapRequest request;
    request.set_page(page);
    const auto response = signpost.GetSitemap(rpc::TestContext(options::v1::ROLE_ANYONE, "", request), request);
    if (!response.ok()) return response.status();
    EXPECT_EQ(response->document().content_type(), "application/xml; charset=utf-8");
    return response->document().data();
  }
  static std::string Alternate(absl::string_view language, absl::string_view id) {
    return absl::StrCat("<xhtml:link rel=\"alternate\" hreflang=\"", language, "\" href=\"https://clinic.example/", id,
                        "\"/>");
  }

  FakeClock clock_{absl::FromUnixSeconds(1'700'000'000)};
  std::unique_ptr<store::Database> database_ = Open();
  SqlArticleStore shelf_{*database_};
  SqlArticleIndex index_{*database_};
  NoAnswers answers_;
  Site site_ = *Site::At("https://clinic.example");
};

TEST_P(SitemapTest, NamesWhatReadersGetAndWhenItChanged) {
  Add("b");
  Add("a");
  EXPECT_EQ(*Get(), R"(<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml">
<url><loc>https://clinic.example/a</loc><lastmod>2026-11-01T00:00:00Z</lastmod></url>
<url><loc>https://clinic.example/b</loc><lastmod>2026-11-01T00:00:00Z</lastmod></url>
</urlset>
)");
}

TEST_P(SitemapTest, ForgetsWhatIsTakenFromReaders) {
  Add("a");
  Add("b", "es", "articles/a");
  ASSERT_THAT(*Get(), HasSubstr("/b<"));
  ASSERT_THAT(database_->Write([](soci::session& session) -> absl::StatusOr<int64_t> {
    return TakeOffShelf(session, "articles/b");
  }),
              IsOk());
  EXPECT_THAT(*Get(), AllOf(HasSubstr("/a<"), Not(HasSubstr("/b")), Not(HasSubstr("hreflang"))));
}

TEST_P(SitemapTest, NamesAnArticleInEveryLanguageBesideEachOfThem) {
  Add("back");
  Add("espalda", "es", "articles/back");
  // Nobody shows both of two in one language for one another.
  Add("otra-espalda", "es", "articles/back");
  ASSERT_OK_AND_ASSIGN(const auto entries, index_.Page(0, 10));
  ASSERT_THAT(entries, SizeIs(3));
  using Versions = std::vector<std::pair<std::string, std::string>>;
  EXPECT_EQ(entries[0].versions, (Versions{{"en", "articles/back"}, {"es", "articles/espalda"}}));
  EXPECT_EQ(entries[1].versions, (Versions{{"en", "articles/back"}, {"es", "articles/espalda"}}));
  EXPECT_EQ(entries[2].versions, (Versions{{"en", "articles/back"}, {"es", "articles/otra-espalda"}}));
  EXPECT_THAT(*Get(), HasSubstr(absl::StrCat("/espalda</loc><lastmod>2026-11-01T00:00:00Z</lastmod>",
                                             Alternate("en", "back"), Alternate("es", "espalda"), "</url>")));
}

TEST_P(SitemapTest, IsAnIndexOfPagesBeyondWhatFitsOne) {
  ASSERT_THAT(Get(2), FailsWith(absl::StatusCode::kNotFound, "SITEMAP_PAGE_NOT_FOUND"));
  EXPECT_THAT(*Get(), Not(HasSubstr("<url>")));
  // Many at once, as a copy of a database brings them.
  ASSERT_THAT(database_->Write([](soci::session& session) -> absl::StatusOr<int> {
    session << "INSERT INTO article_revision (name, revision, etag, body, create_time) "
               "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 501) "
               "SELECT 'articles/n' || CAST(1000 + i AS TEXT), 1, '', '', 0 FROM n";
    session << "INSERT INTO article (name, revision, etag, title, topic, listing, original) "
               "SELECT name, 1, '', '', '', '', name FROM article_revision";
    return 0;
  }),
              IsOk());
  EXPECT_EQ(*Get(), R"(<?xml version="1.0" encoding="UTF-8"?>
<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
<sitemap><loc>https://clinic.example/sitemap.xml?page=1</loc></sitemap>
<sitemap><loc>https://clinic.example/sitemap.xml?page=2</loc></sitemap>
</sitemapindex>
)");
  EXPECT_THAT(*Get(1), AllOf(HasSubstr("/n1001<"), HasSubstr("/n1500<"), Not(HasSubstr("/n1501<"))));
  EXPECT_THAT(*Get(2), AllOf(HasSubstr("/n1501<"), Not(HasSubstr("/n1500<"))));
  EXPECT_THAT(Get(3), FailsWith(absl::StatusCode::kNotFound, "SITEMAP_PAGE_NOT_FOUND"));
}

TEST_P(SitemapTest, IsNotThereWithoutAnAddress) {
  site_ = Site();
  EXPECT_THAT(Get(), FailsWith(absl::StatusCode::kNotFound, "SITEMAP_NOT_CONFIGURED"));
}

// What was on the shelf before there was a sitemap.
TEST_P(SitemapTest, KnowsArticlesFromBeforeIt) {
  Add("a");
  Add("b", "es", "articles/a");
  ASSERT_OK_AND_ASSIGN(const auto known, index_.Page(0, 10));
  ASSERT_THAT(database_->Write([&](soci::session& session) -> absl::StatusOr<int> {
    session << "DROP INDEX article_by_original";
    session << "ALTER TABLE article DROP COLUMN publish_time";
    session << "ALTER TABLE article DROP COLUMN original";
    session << "DELETE FROM schema_migration WHERE owner = 'content' AND number = 4";
    return 0;
  }),
              IsOk());
  ASSERT_THAT(MigrateContent(*database_, clock_), IsOk());
  ASSERT_OK_AND_ASSIGN(const auto found, index_.Page(0, 10));
  ASSERT_EQ(found.size(), known.size());
  for (size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(found[i].publish_time, known[i].publish_time);
    EXPECT_EQ(found[i].versions, known[i].versions);
  }
}

TEST(Sitemap, IsXmlWhateverTheAddress) {
  const Site site = *Site::At("https://clinic.example/Q&A'");
  EXPECT_THAT(UrlSet(site, {{"articles/a", "en", absl::UnixEpoch()}}),
              HasSubstr("<loc>https://clinic.example/Q&amp;A&apos;/a</loc>"));
}

// The bound of an answer (common/rpc/client.cc).
TEST(Sitemap, FitsAnAnswerHoweverLongItsNames) {
  const Site site = *Site::At(absl::StrCat("https://", std::string(142, 'a')));
  const std::string name = absl::StrCat("articles/", std::string(63, 'a'));
  const std::vector<IndexEntry> most(kArticlesPerSitemap,
                                     {name, "en", absl::UnixEpoch(), {{"en", name}, {"es", name}}});
  EXPECT_LT(UrlSet(site, most).size(), size_t{1} << 20);
  EXPECT_LT(SitemapIndex(site, kMostSitemaps).size(), (size_t{1} << 20) - 1024);
}

INSTANTIATE_TEST_SUITE_P(EveryEngine, SitemapTest, testing::ValuesIn(store::Engines()), store::EngineName());

}  // namespace
}  // namespace lumbar::content
