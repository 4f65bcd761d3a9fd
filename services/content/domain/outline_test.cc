#include "services/content/domain/outline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/content/domain/markdown.h"

namespace lumbar::content {
namespace {

v1::Article Outlined(const char* markdown) {
  v1::Article article;
  article.set_body_html(RenderMarkdown(markdown).html);
  AddOutline(article);
  return article;
}

TEST(Outline, NamesEveryHeadingOnce) {
  const v1::Article article = Outlined("## Is it *safe*?\n\nYes.\n\n### Más información\n\n## Is it safe?\n\n## ¿?\n");
  ASSERT_EQ(article.sections_size(), 4);
  EXPECT_EQ(article.sections(0).anchor(), "is-it-safe");
  EXPECT_EQ(article.sections(0).title(), "Is it safe?");
  EXPECT_EQ(article.sections(0).level(), 2);
  EXPECT_EQ(article.sections(1).anchor(), "mas-informacion");
  EXPECT_EQ(article.sections(1).level(), 3);
  EXPECT_EQ(article.sections(2).anchor(), "is-it-safe-2");
  EXPECT_EQ(article.sections(3).anchor(), "section");
  EXPECT_EQ(article.body_html().substr(0, 49), "<h2 id=\"is-it-safe\">Is it <em>safe</em>?</h2>\n<p>");
  EXPECT_TRUE(IsSafeHtml(article.body_html()));
}

TEST(Outline, TakesWhatFollowsAQuestionForItsAnswer) {
  const v1::Article article =
      Outlined("## Run?\n\nYes.\n\n### How\n\nSlowly.\n\n## Rest?\n\nNo, & never <x.\n\n## End\n\nBye.\n");
  ASSERT_EQ(article.questions_size(), 2);
  EXPECT_EQ(article.questions(0).question(), "Run?");
  EXPECT_EQ(article.questions(0).answer_html(), "<p>Yes.</p>\n<h3 id=\"how\">How</h3>\n<p>Slowly.</p>");
  EXPECT_EQ(article.questions(1).answer_html(), "<p>No, &amp; never &lt;x.</p>");
}

TEST(Outline, LeavesATextWithoutHeadingsAsItIs) {
  const v1::Article article = Outlined("`<h2>x</h2>` and &lt;h2&gt;");
  EXPECT_EQ(article.sections_size(), 0);
  EXPECT_EQ(article.body_html(), RenderMarkdown("`<h2>x</h2>` and &lt;h2&gt;").html);
}

}  // namespace
}  // namespace lumbar::content
