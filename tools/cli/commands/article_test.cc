// `lumbar article`: what is sent, what is printed, how it ends.
#include <absl/strings/str_replace.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>

#include "services/content/domain/article_folder.h"
#include "services/content/testing/folder.h"
#include "source_dir.h"
#include "tools/cli/testing.h"

namespace lumbar::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr char kNotFound[] = R"({"error":{"code":404,"status":"NOT_FOUND","message":"none","details":[
  {"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"ARTICLE_NOT_FOUND","domain":"lumbar"}]}})";
constexpr char kDraft[] = R"({"name":"articles/sample","state":"ARTICLE_STATE_DRAFT","etag":"e1"})";

class ArticleTest : public CommandLineTest {
 protected:
  // Answers each call in turn and keeps what was sent.
  void Answer(const std::vector<HttpAnswer>& answers) {
    EXPECT_CALL(http_, Send)
        .Times(static_cast<int>(answers.size()))
        .WillRepeatedly([this, answers](const HttpRequest& request) {
          sent_.push_back(request);
          return answers[sent_.size() - 1];
        });
  }
  std::string Path(const char* file) { return folder_.path() + "/" + file; }

  content::ArticleFolder folder_;
  std::vector<HttpRequest> sent_;
};

TEST_F(ArticleTest, LintNamesFileAndLineOfEveryProblem) {
  folder_.Write("sample.md", content::kSampleSource);
  EXPECT_EQ(RunWith({"article", "lint", folder_.path()}), ExitCode::kRefused);
  EXPECT_THAT(err(), AllOf(HasSubstr("sample.md:10: related: there is no"), HasSubstr("[ARTICLE_REFUSED]")));
  EXPECT_EQ(RunWith({"article", "lint", "-o", "json", folder_.path()}), ExitCode::kRefused);
  EXPECT_THAT(out(), HasSubstr(R"("problems":["sample.md:10: related)"));
  EXPECT_EQ(RunWith({"article", "lint", Path("sample.md")}), ExitCode::kOk) << err();
  EXPECT_EQ(out(), "1 article: ok\n");
  EXPECT_EQ(RunWith({"article", "lint", "/nowhere"}), ExitCode::kUsage);
}

TEST_F(ArticleTest, LintAsksAResolverForEveryDoi) {
  folder_.Write("sample.md", content::kSampleSource);
  Answer({{404, ""}});
  EXPECT_EQ(RunWith({"article", "lint", "--resolver", "https://doi.example", Path("sample.md")}), ExitCode::kRefused);
  EXPECT_EQ(sent_[0].url, "https://doi.example/10.1136/bmj.f7095");
  EXPECT_EQ(sent_[0].token, "");
  EXPECT_THAT(err(), HasSubstr("the resolver answers 404 to 10.1136/bmj.f7095"));
}

TEST_F(ArticleTest, ImportMakesADraftOfANewFile) {
  folder_.Write("sample.md", content::kSampleSource);
  Answer({{404, kNotFound}, {200, kDraft}});
  EXPECT_EQ(RunWith({"article", "import", Path("sample.md")}), ExitCode::kOk) << err();
  EXPECT_THAT(sent_[0].url, HasSubstr("/v1/articles/sample/draft"));
  EXPECT_THAT(sent_[1].url, HasSubstr("/v1/articles"));
  EXPECT_THAT(sent_[1].body, HasSubstr(R"("articleId":"sample")"));
  EXPECT_EQ(out(), "articles/sample: draft, etag e1\n");
}

TEST_F(ArticleTest, ImportChangesWhatIsThereAndSubmitsIt) {
  folder_.Write("sample.md", content::kSampleSource);
  Answer({{200, kDraft}, {200, kDraft}, {200, R"({"name":"articles/sample","state":"ARTICLE_STATE_IN_REVIEW"})"}});
  EXPECT_EQ(RunWith({"article", "import", "--submit", "-o", "json", Path("sample.md")}), ExitCode::kOk) << err();
  EXPECT_THAT(sent_[1].url, HasSubstr("/v1/articles/sample:updateDraft"));
  EXPECT_THAT(sent_[1].body, HasSubstr(R"("etag":"e1")"));
  EXPECT_THAT(sent_[2].url, HasSubstr("/v1/articles/sample:submitForReview"));
  EXPECT_EQ(out().find(R"("etag":"e1"})"), out().rfind(R"("etag":"e1"})")) << "the look before isn't an answer";
}

TEST_F(ArticleTest, ImportLeavesAloneWhatIsUnchanged) {
  folder_.Write("sample.md", content::kSampleSource);
  const nlohmann::json known = {{"name", "articles/sample"},
                                {"state", "ARTICLE_STATE_PUBLISHED"},
                                {"etag", "e1"},
                                {"source", content::kSampleSource}};
  Answer({{200, known.dump()}});
  EXPECT_EQ(RunWith({"article", "import", "--submit", Path("sample.md")}), ExitCode::kOk) << err();
  EXPECT_EQ(out(), "articles/sample: unchanged, published\n");
}

TEST_F(ArticleTest, ImportSendsNothingWhileOneFileIsWrong) {
  folder_.Write("sample.md", content::kSampleSource);
  folder_.Write("latin.md", absl::StrReplaceAll(content::kSampleSource, {{"Some words", "10 \xb5g"}}));
  EXPECT_CALL(http_, Send).Times(0);
  EXPECT_EQ(RunWith({"article", "import", Path("sample.md"), Path("latin.md")}), ExitCode::kRefused);
  EXPECT_THAT(err(), HasSubstr("latin.md:1: file: isn't UTF-8"));
}

TEST_F(ArticleTest, ReviewSaysWhichTextPassed) {
  Answer({{200, kDraft}});
  EXPECT_EQ(RunWith({"article", "review", "articles/sample", "--kind", "medical", "--etag", "e1", "--shown-name",
                     "Rea Roe, MD"}),
            ExitCode::kOk)
      << err();
  EXPECT_THAT(sent_[0].body, AllOf(HasSubstr(R"("kind":"REVIEW_KIND_MEDICAL")"), HasSubstr(R"("approved":true)"),
                                   HasSubstr(R"("etag":"e1")"), HasSubstr(R"("shownName":"Rea Roe, MD")")));
  EXPECT_EQ(RunWith({"article", "review", "articles/sample", "--kind", "kind"}), ExitCode::kUsage);
}

TEST_F(ArticleTest, RetractSaysFromWhenOnNobodyGetsIt) {
  Answer({{200, R"({"article":{"name":"articles/sample","state":"ARTICLE_STATE_RETRACTED","etag":"e1"},
                    "goneTime":"2026-12-01T10:00:30Z"})"}});
  EXPECT_EQ(RunWith({"article", "retract", "articles/sample", "--reason", "A dose was wrong."}), ExitCode::kOk)
      << err();
  EXPECT_THAT(sent_[0].body, HasSubstr("A dose was wrong."));
  EXPECT_EQ(out(), "articles/sample: retracted, etag e1\nNo reader gets it any more from 2026-12-01T10:00:30Z on.\n");
}

TEST_F(ArticleTest, PublishMayWaitForItsTime) {
  Answer({{200, kDraft}});
  EXPECT_EQ(RunWith({"article", "publish", "articles/sample", "--at", "2026-12-01T10:00:00Z"}), ExitCode::kOk) << err();
  EXPECT_THAT(sent_[0].body, HasSubstr(R"("scheduleTime":"2026-12-01T10:00:00Z")"));
}

TEST_F(ArticleTest, FlagSendsEveryRuleAndCause) {
  Answer({{200, R"({"changed":["causes/sciatica"],"articles":["articles/sciatica"]})"}});
  EXPECT_EQ(RunWith({"article", "flag", "--protocol", LUMBAR_SOURCE_DIR "/services/triage/protocols/low-back-pain"}),
            ExitCode::kOk)
      << err();
  EXPECT_THAT(sent_[0].body, AllOf(HasSubstr("rules/saddle_numbness"), HasSubstr("causes/sciatica")));
  EXPECT_THAT(out(), AllOf(HasSubstr("1 changed or gone"), HasSubstr("due for review: articles/sciatica")));
}

TEST_F(ArticleTest, ShippedArticlesRestOnRulesAndCausesThatExist) {
  Answer({{200, "{}"}});
  ASSERT_EQ(RunWith({"article", "flag", "--protocol", LUMBAR_SOURCE_DIR "/services/triage/protocols/low-back-pain"}),
            ExitCode::kOk);
  const auto files = content::ReadArticles(LUMBAR_SOURCE_DIR "/services/content/articles");
  ASSERT_TRUE(files.ok());
  int links = 0;
  for (const auto& article : *files) {
    for (const auto& rule : article.rules()) {
      EXPECT_THAT(sent_[0].body, HasSubstr("\"rules/" + rule + "\"")) << article.name();
      ++links;
    }
    for (const auto& cause : article.causes()) {
      EXPECT_THAT(sent_[0].body, HasSubstr("\"causes/" + cause + "\"")) << article.name();
      ++links;
    }
  }
  EXPECT_GE(links, 40);
}

TEST_F(ArticleTest, SearchShowsWhereTheWordsAre) {
  Answer({{200, R"({"articles":[{"name":"articles/a","title":"A"}],"snippetsHtml":["some <mark>word</mark> &lt;"]})"}});
  EXPECT_EQ(RunWith({"article", "search", "some", "words", "--language", "en"}), ExitCode::kOk) << err();
  EXPECT_THAT(sent_[0].url, HasSubstr("/v1/articles:search?query=some%20words&languageCode=en"));
  EXPECT_EQ(out(), "A (articles/a)\n  some *word* <\n");
}

}  // namespace
}  // namespace lumbar::cli
