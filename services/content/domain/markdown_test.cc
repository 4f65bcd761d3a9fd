#include "services/content/domain/markdown.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lumbar::content {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

TEST(Markdown, BecomesHtml) {
  const Rendered rendered =
      RenderMarkdown("## Head\n\n*soft* **strong** [site](https://a.example)\n\n1. one\n2. two\n");
  EXPECT_EQ(rendered.html,
            "<h2>Head</h2>\n<p><em>soft</em> <strong>strong</strong> <a href=\"https://a.example\">site</a></p>\n"
            "<ol>\n<li>one</li>\n<li>two</li>\n</ol>\n");
  EXPECT_THAT(rendered.omissions, IsEmpty());
}

TEST(Markdown, HasTables) {
  const Rendered rendered = RenderMarkdown("| a | b |\n|---|:-:|\n| 1 | 2 |\n");
  EXPECT_THAT(rendered.html,
              AllOf(HasSubstr("<table>"), HasSubstr("<th align=\"center\">b</th>"), HasSubstr("<td>1</td>")));
  EXPECT_TRUE(IsSafeHtml(rendered.html)) << rendered.html;
}

TEST(Markdown, SaysWhatItLeavesOutAndWhere) {
  const Rendered rendered = RenderMarkdown("fine\n\n<div>\nx\n</div>\n\n![a back](https://a.example/x.png)\n");
  EXPECT_THAT(rendered.omissions,
              ElementsAre(Field(&Rendered::Omission::line, 3), Field(&Rendered::Omission::line, 7)));
  EXPECT_EQ(rendered.html, "<p>fine</p>\n<p>a back</p>\n");
}

TEST(Markdown, KeepsTheTextOfALinkThatItRefuses) {
  EXPECT_EQ(RenderMarkdown("see [this *page*](http://a.example) now").html, "<p>see this <em>page</em> now</p>\n");
}

class HostileMarkdown : public testing::TestWithParam<const char*> {};

TEST_P(HostileMarkdown, ComesOutHarmless) {
  const Rendered rendered = RenderMarkdown(GetParam());
  EXPECT_TRUE(IsSafeHtml(rendered.html)) << rendered.html;
  EXPECT_THAT(rendered.html,
              Not(testing::ContainsRegex("<script|<img|<svg|<iframe|<style|<[^>]*onerror|href=\"[jdvf]")));
  EXPECT_THAT(rendered.omissions, Not(IsEmpty()));
}

INSTANTIATE_TEST_SUITE_P(
    Attacks, HostileMarkdown,
    testing::Values("<script>alert(1)</script>", "text <script src=//evil.example></script> text",
                    "[x](javascript:alert(1))", "[x](JaVaScRiPt:alert(1))", "[x](  javascript&colon;alert(1))",
                    "[x](&#106;avascript:alert(1))", "<javascript:alert(1)>", "[x][r]\n\n[r]: javascript:alert(1)",
                    "<img src=x onerror=alert(1)>", "![x](https://evil.example/pixel.gif)",
                    "![x](data:image/png;base64,AAAA)", "[x](data:text/html;base64,PHNjcmlwdD4=)", "[x](vbscript:x)",
                    "[x](file:///etc/passwd)", "[x](//evil.example)", "<div onclick=alert(1)>\n\ntext\n\n</div>",
                    "<!-- comment -->", "<![CDATA[<script>]]>", "<?php x ?>",
                    "<style>@import 'https://evil.example'</style>", "<iframe src=https://evil.example></iframe>",
                    "| a |\n|---|\n| <b onmouseover=x>y</b> |", "[![x](data:x)](javascript:x)",
                    "![[x](javascript:a)](data:y)", "[x](\n\tjavascript:alert(1))", "<a href='data:x'>y</a>"));

TEST(Markdown, EscapesWhatOnlyLooksLikeHtml) {
  for (const char* text : {"`<script>`", "    <script>\n", "```\"><script>\n<img onerror=x>\n```\n", "\\<script>",
                           "[x](https://a.example/\"onclick=\"x)", "[x](https://a.example 'a\" onclick=\"x')",
                           "&lt;script&gt;", "![x](x onerror=alert(1))", "<svg/onload=alert(1)>",
                           "```a\"onclick=\"x b\ny\n```", "# <\n", "https://a.example/<script"}) {
    const Rendered rendered = RenderMarkdown(text);
    EXPECT_TRUE(IsSafeHtml(rendered.html)) << rendered.html;
    EXPECT_THAT(rendered.html, Not(HasSubstr("<script")));
  }
}

TEST(Markdown, IsBoundedInTimeOnDeepNesting) {
  EXPECT_TRUE(IsSafeHtml(RenderMarkdown(std::string(20'000, '>')).html));
  EXPECT_TRUE(IsSafeHtml(RenderMarkdown(std::string(20'000, '[')).html));
  EXPECT_TRUE(IsSafeHtml(RenderMarkdown(std::string(20'000, '*')).html));
}

TEST(SafeHtml, KnowsNothingButItsOwnElements) {
  EXPECT_TRUE(IsSafeHtml("<p>a &lt;b&gt; <a href=\"#x\" title=\"y\">z</a><br /></p>"));
  for (const char* html : {"<script>", "<P>", "<p onclick=\"x\">", "<p style=\"x\">", "<a href=\"javascript:x\">y</a>",
                           "<a href=\"\">", "<a href=\"https://x\" onclick=\"y\">", "<a href='#x'>", "<img src=\"#\">",
                           "<!-- x -->", "<", "<a href=\"#x\"onclick=y>", "<code class=\"language-x\" id=\"y\">"}) {
    EXPECT_FALSE(IsSafeHtml(html)) << html;
  }
}

}  // namespace
}  // namespace lumbar::content
