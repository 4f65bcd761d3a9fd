#include "services/content/domain/article_parser.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_replace.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/status/matchers.h"
#include "common/time/proto_time.h"
#include "services/content/testing/samples.h"

namespace lumbar::content {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

// The sample with `from` replaced.
std::string Edited(absl::string_view from, absl::string_view to) {
  EXPECT_THAT(kSampleSource, HasSubstr(std::string(from)));
  return absl::StrReplaceAll(kSampleSource, {{from, to}});
}

std::string ProblemsOf(absl::string_view source, absl::string_view file = "sample.md") {
  const auto parsed = ParseArticle(file, source);
  EXPECT_THAT(parsed, FailsWith(absl::StatusCode::kInvalidArgument, "ARTICLE_REFUSED"));
  return std::string(parsed.status().message());
}

TEST(ArticleParser, ReadsEveryField) {
  ASSERT_OK_AND_ASSIGN(const ParsedArticle parsed, ParseArticle("sample.md", kSampleSource));
  const v1::Article& article = parsed.article;
  EXPECT_EQ(article.name(), "articles/sample");
  EXPECT_EQ(article.title(), "A sample");
  EXPECT_EQ(article.summary(), "What a sample is.");
  EXPECT_EQ(article.topic(), "causes");
  EXPECT_EQ(article.audience(), "everyone");
  EXPECT_EQ(article.language_code(), "en");
  EXPECT_THAT(article.authors(), ElementsAre("Ann Author"));
  EXPECT_EQ(FromProto(article.review_due_time()), absl::FromCivil(absl::CivilDay(2027, 11, 1), absl::UTCTimeZone()));
  EXPECT_EQ(article.body_html(), "<h2 id=\"first\">First</h2>\n<p>Some words about <em>backs</em>.</p>\n");
  EXPECT_EQ(article.reading_minutes(), 1);
  EXPECT_THAT(article.causes(), ElementsAre("muscle_strain", "sciatica"));
  EXPECT_THAT(article.related_articles(), ElementsAre("articles/another"));
  EXPECT_EQ(parsed.related_line, 10);
  ASSERT_EQ(article.references_size(), 2);
  EXPECT_EQ(article.references(0).doi(), "10.1136/bmj.f7095");
  EXPECT_EQ(article.references(1).url(), "https://example.org/page");
  EXPECT_EQ(article.state(), v1::ARTICLE_STATE_PUBLISHED);
}

TEST(ArticleParser, RoundsReadingTimeUp) {
  std::string source = kSampleSource;
  for (int i = 0; i < 200; ++i) source += " word";
  EXPECT_EQ(ParseArticle("sample.md", source)->article.reading_minutes(), 2);
}

TEST(ArticleParser, ChangesTheEtagWithTheArticleAndOnlyThen) {
  const std::string etag = ParseArticle("sample.md", kSampleSource)->article.etag();
  EXPECT_EQ(etag.size(), 32u);
  EXPECT_EQ(ParseArticle("sample.md", kSampleSource)->article.etag(), etag);
  EXPECT_EQ(
      ParseArticle("sample.md", Edited("[muscle_strain, sciatica]", "[muscle_strain,  sciatica]"))->article.etag(),
      etag);
  EXPECT_NE(ParseArticle("sample.md", Edited("Some words", "Other words"))->article.etag(), etag);
  EXPECT_NE(ParseArticle("sample.md", Edited("2027-11-01", "2027-11-02"))->article.etag(), etag);
  EXPECT_NE(ParseArticle("other.md", kSampleSource)->article.etag(), etag);
}

TEST(ArticleParser, NamesAMissingKey) {
  for (const char* key : {"title", "summary", "topic", "audience", "language", "authors", "review_due",
                          "related_causes", "related", "sources"}) {
    const std::string renamed = Edited(absl::StrCat("\n", key, ":"), absl::StrCat("\nx_", key, ":"));
    EXPECT_THAT(ProblemsOf(renamed), AllOf(HasSubstr(absl::StrCat("sample.md:2: ", key, ": is missing")),
                                           HasSubstr(absl::StrCat("x_", key, ": isn't a key of articles"))));
  }
  EXPECT_THAT(ProblemsOf(Edited("title: \"A sample\"", "title:")), HasSubstr("sample.md:2: title: is missing"));
}

// Only the editorial process knows of reviews.
TEST(ArticleParser, RefusesWhatATextSaysOfItsReviews) {
  for (const char* key : {"medical_reviewer", "fact_checker", "published", "reviewed", "reviewed_text"}) {
    EXPECT_THAT(ProblemsOf(Edited("topic: causes", absl::StrCat("topic: causes\n", key, ": x"))),
                HasSubstr(absl::StrCat("sample.md:5: ", key, ": isn't a key of articles")));
  }
}

struct Mistake {
  const char* from;
  const char* to;
  const char* problem;
};

class ArticleMistake : public testing::TestWithParam<Mistake> {};

TEST_P(ArticleMistake, IsNamedWithFileLineAndKey) {
  EXPECT_THAT(ProblemsOf(Edited(GetParam().from, GetParam().to)), HasSubstr(GetParam().problem));
}

INSTANTIATE_TEST_SUITE_P(
    All, ArticleMistake,
    testing::Values(
        Mistake{"topic: causes", "topic: cooking", "sample.md:4: topic: must be one of causes, "},
        Mistake{"audience: everyone", "audience: horses", "sample.md:5: audience: must be one of "},
        Mistake{"language: en", "language: xx", "sample.md:6: language: must be one of en, es"},
        Mistake{"review_due: 2027-11-01", "review_due: 1 Nov 2027", "sample.md:8: review_due: must be a date like "},
        Mistake{"review_due: 2027-11-01", "review_due: 2027-02-30",
                "sample.md:8: review_due: isn't a day of the calendar"},
        Mistake{"\"A sample\"", "\"A\\nsample\"", "sample.md:2: title: must be one line of 1 to 120 bytes"},
        Mistake{"\"A sample\"", "[a]", "sample.md:2: title: must be a text"},
        Mistake{"[\"Ann Author\"]", "Ann", "sample.md:7: authors: must be a list"},
        Mistake{"[\"Ann Author\"]", "[]", "sample.md:7: authors: must have 1 to 10 entries"},
        Mistake{"[another]", "[An Other]", "sample.md:10: related: each must be "},
        Mistake{"[another]", "[sample]", "sample.md:10: related: names this article itself"},
        Mistake{"[another]", "[a, a]", "sample.md:10: related: has an entry twice"},
        Mistake{"doi: \"10.1136/bmj.f7095\"", "doi: \"https://doi.org/10.1136/x\"",
                "sample.md:13: sources[1].doi: must be a DOI"},
        Mistake{"url: \"https://example.org/page\"", "url: \"http://example.org\"",
                "sample.md:15: sources[2].url: must be an https"},
        Mistake{"    url: \"https://example.org/page\"\n", "", "sample.md:14: sources[2].doi: give either"},
        Mistake{"topic: causes", "topic: causes\ntopic: causes", "sample.md:5: topic: is there twice"},
        Mistake{"topic: causes", "topic: [", "sample.md:"}, Mistake{"topic: causes", "topic: *nobody", "isn't YAML"},
        Mistake{"Some words", "<b>Some</b> words", "sample.md:20: body: raw HTML isn't shown"},
        Mistake{"Some words", "[Some](javascript:x) words", "sample.md:20: body: a link must begin with https://"},
        Mistake{"## First\n\nSome words about *backs*.", "", "body: is empty"},
        Mistake{"---\ntitle", "title", "sample.md:1: file: must begin with YAML"},
        Mistake{"---\ntitle", "\xEF\xBB\xBF---\ntitle", "sample.md:1: file: must have lines that end in LF"},
        Mistake{"---\ntitle", "---\r\ntitle", "sample.md:1: file: must have lines that end in LF"},
        Mistake{"words", "\xff", "sample.md:1: file: isn't UTF-8"}));

TEST(ArticleParser, BoundsEverySize) {
  EXPECT_THAT(ProblemsOf(Edited("What a sample is.", std::string(301, 'x'))),
              HasSubstr("sample.md:3: summary: must be one line of 1 to 300 bytes"));
  EXPECT_THAT(ParseArticle("sample.md", Edited("What a sample is.", std::string(300, 'x'))), IsOk());
  EXPECT_THAT(ProblemsOf(std::string(kSampleSource) + std::string(kLongestSource, 'x')),
              HasSubstr("sample.md:1: file: is longer than 100000 bytes"));
  EXPECT_THAT(ProblemsOf(Edited("[another]", std::string(5'000, '['))), HasSubstr("isn't YAML"));
}

TEST(ArticleParser, ReadsRulesAndTheOriginalOfATranslation) {
  ASSERT_OK_AND_ASSIGN(const ParsedArticle parsed,
                       ParseArticle("sample.md", Edited("related: [another]",
                                                        "related: [another]\nrelated_rules: [fever_alone]\n"
                                                        "translation_of: other")));
  EXPECT_THAT(parsed.article.rules(), ElementsAre("fever_alone"));
  EXPECT_EQ(parsed.article.translation_of(), "articles/other");
}

TEST(ArticleParser, NamesEveryProblemAtOnce) {
  EXPECT_THAT(
      ProblemsOf(absl::StrReplaceAll(kSampleSource, {{"causes\n", "cooking\n"}, {"2027", "soon"}, {"en\n", "xx\n"}})),
      AllOf(HasSubstr("topic"), HasSubstr("review_due"), HasSubstr("language")));
}

TEST(ArticleParser, WantsAFileNameThatCanBeAResourceName) {
  for (const char* file : {"Sample.md", "a b.md", "sample", ".md", "sample.txt", "../sample.md"}) {
    EXPECT_THAT(ProblemsOf(kSampleSource, file), HasSubstr("must be named like sciatica.md")) << file;
  }
  EXPECT_THAT(ProblemsOf(kSampleSource, absl::StrCat(std::string(64, 'a'), ".md")), HasSubstr("at most 63"));
}

}  // namespace
}  // namespace lumbar::content
