#include "services/content/domain/library.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <sstream>

#include "common/rpc/testing.h"
#include "common/status/macros.h"
#include "common/status/matchers.h"
#include "common/store/testing/engines.h"
#include "common/telemetry/log.h"
#include "services/content/store/cached_article_store.h"
#include "services/content/store/migrations.h"
#include "services/content/store/sql_article_search.h"
#include "services/content/store/sql_article_store.h"
#include "services/content/store/sql_editorial_store.h"
#include "services/content/testing/publish.h"
#include "services/content/testing/samples.h"

namespace lumbar::content {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// What readers get of two articles.
class LibraryTest : public store::EngineTest {
 protected:
  void SetUp() override {
    InitLoggingTo(log_, "content", LogLevel::kInfo);
    ASSERT_THAT(MigrateContent(*database_, clock_), IsOk());
    ASSERT_THAT(Write("sample", "A sample"), IsOk());
    ASSERT_THAT(Write("another", "Another"), IsOk());
  }

  absl::Status Write(const std::string& id, const std::string& title) {
    std::string source = kSampleSource;
    source.replace(source.find("A sample"), 8, title);
    source.replace(source.find("[another]"), 9, "[other]");
    return PublishSource(drafts_, store_, id, source);
  }
  absl::StatusOr<v1::ListArticlesResponse> List(const v1::ListArticlesRequest& request) {
    return library_.ListArticles(rpc::TestContext(options::v1::ROLE_ANYONE, "", request), request);
  }
  absl::StatusOr<v1::GetArticleResponse> Get(const std::string& name) {
    v1::GetArticleRequest request;
    request.set_name(name);
    std::promise<absl::StatusOr<rpc::ReadyAnswer>> given;
    library_.GetArticle(request, [&](absl::StatusOr<rpc::ReadyAnswer> answer) { given.set_value(std::move(answer)); });
    const auto answer = given.get_future().get();
    LUMBAR_RETURN_IF_ERROR(answer.status());
    v1::GetArticleResponse response;
    EXPECT_TRUE(response.ParseFromString(**answer));
    return response;
  }

  std::ostringstream log_;
  FakeClock clock_{absl::FromCivil(absl::CivilDay(2026, 12, 1), absl::UTCTimeZone())};
  std::unique_ptr<store::Database> database_ = Open();
  SqlArticleStore sql_{*database_};
  Executor executor_{2, 16};
  CachedArticleStore store_{sql_, 1 << 20, executor_, clock_, clock_};
  SqlEditorialStore drafts_{*database_, clock_};
  SqlArticleSearch search_{*database_};
  Library library_{store_, store_, search_};
};

TEST_P(LibraryTest, ShowsWhatWasPublished) {
  ASSERT_OK_AND_ASSIGN(const auto response, Get("articles/sample"));
  EXPECT_EQ(response.article().title(), "A sample");
  EXPECT_THAT(response.article().body_html(), HasSubstr("<em>backs</em>"));
  EXPECT_THAT(Get("articles/none"), FailsWith(absl::StatusCode::kNotFound, "ARTICLE_NOT_FOUND"));
}

TEST_P(LibraryTest, ShowsTheNewTextAtOnce) {
  ASSERT_THAT(Get("articles/sample"), IsOk());
  ASSERT_THAT(Write("sample", "A better sample"), IsOk());
  EXPECT_EQ(Get("articles/sample")->article().title(), "A better sample");
  EXPECT_EQ(Get("articles/sample")->article().revision(), 2);
  EXPECT_EQ(Get("articles/another")->article().revision(), 1);
}

TEST_P(LibraryTest, ListsPageByPage) {
  v1::ListArticlesRequest request;
  request.set_page_size(1);
  request.add_causes("sciatica");
  std::vector<std::string> titles;
  do {
    ASSERT_OK_AND_ASSIGN(const auto page, List(request));
    ASSERT_EQ(page.articles_size(), 1);
    titles.push_back(page.articles(0).title());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_THAT(titles, ElementsAre("A sample", "Another"));
}

TEST_P(LibraryTest, RefusesAPageTokenOfAnotherQuery) {
  v1::ListArticlesRequest request;
  request.set_page_size(1);
  request.set_page_token(List(request)->next_page_token());
  request.set_topic("causes");
  EXPECT_THAT(List(request), FailsWith(absl::StatusCode::kInvalidArgument, "INVALID_PAGE_TOKEN"));
}

TEST_P(LibraryTest, MakesPageTokensThatTheContractTakes) {
  ASSERT_THAT(Write("sample", std::string(120, 'A')), IsOk());
  v1::ListArticlesRequest request;
  request.set_page_size(1);
  EXPECT_LE(List(request)->next_page_token().size(), 512u);
}

INSTANTIATE_TEST_SUITE_P(EveryEngine, LibraryTest, testing::ValuesIn(store::Engines()), store::EngineName());

}  // namespace
}  // namespace lumbar::content
