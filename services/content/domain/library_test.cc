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
#include "services/content/domain/importer.h"
#include "services/content/store/cached_article_store.h"
#include "services/content/store/migrations.h"
#include "services/content/store/sql_article_search.h"
#include "services/content/store/sql_article_store.h"
#include "services/content/store/sql_editorial_store.h"
#include "services/content/testing/folder.h"

namespace lumbar::content {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// The way from files to readers.
class LibraryTest : public store::EngineTest {
 protected:
  void SetUp() override {
    InitLoggingTo(log_, "content", LogLevel::kInfo);
    ASSERT_THAT(MigrateContent(*database_, clock_), IsOk());
    folder_.Write("sample.md", Sealed(kSampleSource));
    folder_.Write("another.md", Titled("Another", "related: [another]", "related: [sample]"));
  }

  static std::string Titled(const std::string& title, const std::string& from = "", const std::string& to = "") {
    std::string source = kSampleSource;
    source.replace(source.find("A sample"), 8, title);
    if (!from.empty()) source.replace(source.find(from), from.size(), to);
    return Sealed(source);
  }

  absl::StatusOr<ImportReport> Import() { return ImportArticles(folder_.path(), drafts_, store_); }
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
  FakeClock clock_{absl::FromUnixSeconds(1'700'000'000)};
  ArticleFolder folder_;
  std::unique_ptr<store::Database> database_ = Open();
  SqlArticleStore sql_{*database_};
  Executor executor_{2, 16};
  CachedArticleStore store_{sql_, 1 << 20, executor_, clock_, clock_};
  SqlEditorialStore drafts_{*database_, clock_};
  SqlArticleSearch search_{*database_};
  Library library_{store_, store_, search_};
};

TEST_P(LibraryTest, ShowsWhatWasImported) {
  ASSERT_OK_AND_ASSIGN(const ImportReport report, Import());
  EXPECT_EQ(report.articles, 2);
  EXPECT_EQ(report.published, 2);
  ASSERT_OK_AND_ASSIGN(const auto response, Get("articles/sample"));
  EXPECT_EQ(response.article().title(), "A sample");
  EXPECT_THAT(response.article().body_html(), HasSubstr("<em>backs</em>"));
  EXPECT_THAT(Get("articles/none"), FailsWith(absl::StatusCode::kNotFound, "ARTICLE_NOT_FOUND"));
}

TEST_P(LibraryTest, ImportsOnlyWhatChanged) {
  ASSERT_THAT(Import(), IsOk());
  EXPECT_EQ(Import()->published, 0);
  folder_.Write("sample.md", Titled("A better sample"));
  EXPECT_EQ(Import()->published, 1);
  EXPECT_EQ(Get("articles/sample")->article().revision(), 2);
  EXPECT_EQ(Get("articles/another")->article().revision(), 1);
}

TEST_P(LibraryTest, KeepsAnArticleThatLeftTheFolderAndSaysSo) {
  folder_.Write("third.md", Titled("Third"));
  ASSERT_THAT(Import(), IsOk());
  folder_.Remove("third.md");
  EXPECT_EQ(Import()->left, 1);
  EXPECT_THAT(Get("articles/third"), IsOk());
  EXPECT_THAT(log_.str(), testing::AllOf(HasSubstr("article_left_folder"), HasSubstr("articles/third")));
}

TEST_P(LibraryTest, ImportsNothingWhileOneArticleIsRefused) {
  folder_.Write("broken.md", "nothing");
  EXPECT_THAT(Import(), FailsWith(absl::StatusCode::kInvalidArgument, "ARTICLE_REFUSED"));
  EXPECT_THAT(Get("articles/sample"), StatusIs(absl::StatusCode::kNotFound));
}

TEST_P(LibraryTest, ListsPageByPage) {
  ASSERT_THAT(Import(), IsOk());
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
  ASSERT_THAT(Import(), IsOk());
  v1::ListArticlesRequest request;
  request.set_page_size(1);
  request.set_page_token(List(request)->next_page_token());
  request.set_topic("causes");
  EXPECT_THAT(List(request), FailsWith(absl::StatusCode::kInvalidArgument, "INVALID_PAGE_TOKEN"));
}

TEST_P(LibraryTest, MakesPageTokensThatTheContractTakes) {
  folder_.Write("sample.md", Titled(std::string(120, 'A')));
  ASSERT_THAT(Import(), IsOk());
  v1::ListArticlesRequest request;
  request.set_page_size(1);
  EXPECT_LE(List(request)->next_page_token().size(), 512u);
}

INSTANTIATE_TEST_SUITE_P(EveryEngine, LibraryTest, testing::ValuesIn(store::Engines()), store::EngineName());

}  // namespace
}  // namespace lumbar::content
