#include "services/content/domain/article_folder.h"

#include <absl/strings/str_replace.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "common/status/matchers.h"
#include "services/content/domain/markdown.h"
#include "services/content/testing/folder.h"
#include "source_dir.h"

namespace lumbar::content {
namespace {

using testing::AllOf;
using testing::HasSubstr;

TEST(ArticleFolder, LoadsEveryShippedArticle) {
  ASSERT_OK_AND_ASSIGN(const auto articles, ReadArticles(LUMBAR_SOURCE_DIR "/services/content/articles"));
  int english = 0, spanish = 0, tables = 0;
  for (const v1::Article& article : articles) {
    EXPECT_TRUE(IsSafeHtml(article.body_html())) << article.name();
    EXPECT_GE(article.references_size(), 1) << article.name();
    EXPECT_GE(article.reading_minutes(), 2) << article.name();
    EXPECT_GE(article.sections_size(), 4) << article.name();
    EXPECT_EQ(article.language_code() == "es", !article.translation_of().empty()) << article.name();
    ++(article.language_code() == "es" ? spanish : english);
    tables += article.body_html().find("<table>") != std::string::npos;
  }
  EXPECT_GE(english, 12);
  EXPECT_GE(spanish, 4);
  EXPECT_GE(tables, 2);
}

TEST(ArticleFolder, NamesARelatedArticleThatIsNotThere) {
  ArticleFolder folder;
  folder.Write("sample.md", kSampleSource);
  const auto refused = ReadArticles(folder.path());
  EXPECT_THAT(refused, FailsWith(absl::StatusCode::kInvalidArgument, "ARTICLE_REFUSED"));
  EXPECT_EQ(refused.status().message(), "sample.md:10: related: there is no articles/another");
}

TEST(ArticleFolder, NamesTheProblemsOfAllFilesAtOnce) {
  ArticleFolder folder;
  folder.Write("b.md", "nothing");
  folder.Write("a.md", absl::StrReplaceAll(kSampleSource, {{"topic: causes", "topic: x"}}));
  EXPECT_THAT(std::string(ReadArticles(folder.path()).status().message()),
              AllOf(HasSubstr("a.md:4: topic"), HasSubstr("b.md:1: file")));
}

TEST(ArticleFolder, IsUnreadableWithoutArticles) {
  EXPECT_THAT(ReadArticles("/nowhere/at/all"), FailsWith(absl::StatusCode::kNotFound, "ARTICLES_UNREADABLE"));
  ArticleFolder folder;
  EXPECT_THAT(ReadArticles(folder.path()), FailsWith(absl::StatusCode::kNotFound, "ARTICLES_UNREADABLE"));
  std::filesystem::create_directory(folder.path() + "/folder.md");
  EXPECT_THAT(ReadArticles(folder.path()), FailsWith(absl::StatusCode::kNotFound, "ARTICLES_UNREADABLE"));
}

}  // namespace
}  // namespace lumbar::content
