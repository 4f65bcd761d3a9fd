// What every ArticleSearch promises, on every engine: each finds the same.
#include "services/content/domain/article_search.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/rpc/testing.h"
#include "common/status/matchers.h"
#include "common/store/copy.h"
#include "common/store/testing/engines.h"
#include "services/content/domain/library.h"
#include "services/content/domain/words.h"
#include "services/content/store/migrations.h"
#include "services/content/store/sql_article_search.h"
#include "services/content/store/sql_article_store.h"
#include "services/content/testing/answers.h"
#include "services/content/testing/samples.h"
#include "services/content/testing/shelf.h"

namespace lumbar::content {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ArticleSearchTest : public store::EngineTest {
 protected:
  void SetUp() override { ASSERT_THAT(MigrateContent(*database_, clock_), IsOk()); }

  void Add(const std::string& id, const std::string& title, const std::string& html,
           const std::string& language = "en") {
    v1::Article article = SampleArticle(id, title);
    article.set_summary("");
    article.set_body_html(html);
    article.set_language_code(language);
    article.set_etag(EtagOf(article));
    ASSERT_THAT(Shelve(*database_, clock_, store_, article), IsOk());
  }

  std::vector<std::string> Find(const std::string& words, const std::string& language = "") {
    const auto found = search_.Search({QueryTerms(words), language, 0, 100});
    EXPECT_THAT(found, IsOk());
    std::vector<std::string> ids;
    for (const Found& one : *found) ids.push_back(one.article.name().substr(9));
    return ids;
  }

  FakeClock clock_{absl::FromUnixSeconds(1'700'000'000)};
  std::unique_ptr<store::Database> database_ = Open();
  SqlArticleStore store_{*database_};
  SqlArticleSearch search_{*database_};
};

TEST_P(ArticleSearchTest, FindsEveryFormOfAWordInBothLanguages) {
  Add("run", "Running again", "<p>How to return to it.</p>");
  Add("es", "Correr otra vez", "<p>El dolor crónico y la inflamación.</p>", "es");
  EXPECT_THAT(Find("runs"), ElementsAre("run"));
  EXPECT_THAT(Find("inflamacion cronica"), ElementsAre("es"));
  EXPECT_THAT(Find("dolores", "en"), IsEmpty());
  EXPECT_THAT(Find("nothing"), IsEmpty());
}

TEST_P(ArticleSearchTest, PutsAllWordsBeforeSomeAndATitleBeforeAText) {
  Add("a", "Tight muscles", "<p>Sore legs hurt.</p>");
  Add("b", "Sore legs", "<p>Something else about feet.</p>");
  Add("c", "Nothing", "<p>A word on sore feet, and on much more that isn't it at all.</p>");
  Add("d", "Other", "<p>Legs get sore; feet do too.</p>");
  EXPECT_THAT(Find("sore legs feet"), ElementsAre("b", "d", testing::_, testing::_));
  EXPECT_EQ(Find("sore").front(), "b");
  EXPECT_THAT(Find("muscle"), ElementsAre("a"));
}

TEST_P(ArticleSearchTest, FindsWhatIsOnTheShelfNowAndNothingElse) {
  Add("a", "Old words", "<p>alpha</p>");
  Add("a", "New words", "<p>beta</p>");
  EXPECT_THAT(Find("alpha"), IsEmpty());
  EXPECT_THAT(Find("beta"), ElementsAre("a"));
  ASSERT_THAT(database_->Write([](soci::session& session) -> absl::StatusOr<int64_t> {
    return TakeOffShelf(session, "articles/a");
  }),
              IsOk());
  EXPECT_THAT(Find("beta"), IsEmpty());
}

TEST_P(ArticleSearchTest, TakesNothingOfASearchForAnOperator) {
  Add("a", "Back pain", "<p>text</p>");
  for (const char* words : {"\"back", "back OR", "back AND (", "back*", "NEAR(back", "back' | 'x", "!back", "back:A",
                            "title_terms:back", "back & ", "-back", "^back"}) {
    EXPECT_THAT(Find(words), ElementsAre("a")) << words;
  }
}

TEST_P(ArticleSearchTest, FindsInWhatWasCopiedFromAnotherEngine) {
  Add("a", "Sciatica", "<p>text</p>");
  for (const store::EngineUnderTest& engine : store::Engines()) {
    const auto scratch = engine.scratch();
    ASSERT_OK_AND_ASSIGN(const auto copy, store::Database::Open({.url = scratch->url()}));
    ASSERT_THAT(MigrateContent(*copy, clock_), IsOk());
    const auto told = [](absl::string_view, int64_t, int64_t) { return absl::OkStatus(); };
    ASSERT_THAT(store::CopyDatabase(*database_, *copy, told), IsOk()) << engine.name;
    // As the service does when it starts.
    ASSERT_THAT(MigrateContent(*copy, clock_), IsOk());
    SqlArticleSearch search(*copy);
    EXPECT_EQ(search.Search({QueryTerms("sciatica"), "", 0, 10})->size(), 1u) << engine.name;
  }
}

TEST_P(ArticleSearchTest, AnswersPageByPageWithSnippets) {
  for (const char* id : {"a", "b", "c"}) Add(id, absl::StrCat("Title ", id), "<p>Some sore words.</p>");
  NoAnswers answers;
  Library library(store_, answers, search_);
  v1::SearchArticlesRequest request;
  request.set_query("sore");
  request.set_page_size(2);
  const auto search = [&] {
    return library.SearchArticles(rpc::TestContext(options::v1::ROLE_ANYONE, "", request), request);
  };
  ASSERT_OK_AND_ASSIGN(const auto first, search());
  ASSERT_EQ(first.articles_size(), 2);
  EXPECT_THAT(first.snippets_html(), ElementsAre("Some <mark>sore</mark> words.", testing::_));
  EXPECT_EQ(first.articles(0).body_html(), "");
  request.set_page_token(first.next_page_token());
  ASSERT_OK_AND_ASSIGN(const auto second, search());
  ASSERT_EQ(second.articles_size(), 1);
  EXPECT_EQ(second.next_page_token(), "");
  EXPECT_EQ(second.articles(0).name(), "articles/c");
  request.set_query("other");
  EXPECT_THAT(search(), FailsWith(absl::StatusCode::kInvalidArgument, "INVALID_PAGE_TOKEN"));
  request.clear_page_token();
  request.set_query("of the");
  EXPECT_EQ(search()->articles_size(), 0) << "words that every text has";
}

TEST_P(ArticleSearchTest, SuggestsWhatExplainsTheLikeliestCauses) {
  const auto add = [&](const std::string& id, const std::vector<std::string>& causes, const char* language) {
    v1::Article article = SampleArticle(id);
    article.clear_causes();
    for (const std::string& cause : causes) article.add_causes(cause);
    article.set_language_code(language);
    ASSERT_THAT(Shelve(*database_, clock_, store_, article), IsOk());
  };
  add("a", {"worn_shoes"}, "en");
  add("b", {"sciatica"}, "en");
  add("c", {"sciatica", "worn_shoes"}, "en");
  add("d", {"arthritis"}, "en");
  add("e", {"sciatica"}, "es");
  NoAnswers answers;
  Library library(store_, answers, search_);
  v1::SuggestArticlesRequest request;
  request.add_causes("sciatica");
  request.add_causes("worn_shoes");
  const auto suggest = [&] {
    std::vector<std::string> names;
    const auto response = library.SuggestArticles(rpc::TestContext(options::v1::ROLE_ANYONE, "", request), request);
    EXPECT_THAT(response, IsOk());
    for (const auto& article : response->articles()) names.push_back(article.name().substr(9));
    return names;
  };
  EXPECT_THAT(suggest(), ElementsAre("c", "b", "a"));
  request.set_page_size(1);
  EXPECT_THAT(suggest(), ElementsAre("c"));
  request.set_language_code("es");
  EXPECT_THAT(suggest(), ElementsAre("e"));
  request.Clear();
  EXPECT_THAT(suggest(), ElementsAre("c", "a", "b")) << "without a cause the most general one first";
}

INSTANTIATE_TEST_SUITE_P(EveryEngine, ArticleSearchTest, testing::ValuesIn(store::Engines()), store::EngineName());

}  // namespace
}  // namespace lumbar::content
