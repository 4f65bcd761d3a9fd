#include "services/content/domain/structured_data.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "common/status/matchers.h"
#include "common/time/proto_time.h"
#include "services/content/testing/samples.h"

namespace lumbar::content {
namespace {

using Json = nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

v1::Article Sample() {
  v1::Article article = SampleArticle("a");
  article.set_revision(3);
  *article.mutable_first_publish_time() = ToProtoTime(absl::FromUnixSeconds(1'700'000'000));
  v1::Question& question = *article.add_questions();
  question.set_question("Is it safe?");
  question.set_answer_html("<p>Yes.</p>");
  return article;
}

Json Graph(const v1::Article& article, const Site& site = {}) {
  const Json document = Json::parse(StructuredData(article, site));
  EXPECT_EQ(document["@context"], "https://schema.org");
  return document["@graph"];
}

TEST(StructuredData, DescribesThePageAsTheArticleDoes) {
  const Json page = Graph(Sample())[0];
  EXPECT_EQ(page, Json::parse(R"({
    "@type": "MedicalWebPage", "name": "A sample", "description": "What a sample is.", "inLanguage": "en", "version": 3,
    "timeRequired": "PT1M", "lastReviewed": "2026-11-01",
    "reviewedBy": [{"@type": "Person", "name": "Rea Reviewer, MD"}, {"@type": "Person", "name": "Finn Checker, MPH"}],
    "author": [{"@type": "Person", "name": "Ann Author"}],
    "datePublished": "2023-11-14T22:13:20Z", "dateModified": "2026-11-01T00:00:00Z",
    "citation": [
      {"@type": "CreativeWork", "name": "A guideline", "identifier": "doi:10.1136/bmj.f7095",
       "url": "https://doi.org/10.1136/bmj.f7095"},
      {"@type": "CreativeWork", "name": "A page", "url": "https://example.org/page"}],
    "about": [{"@type": "MedicalCause", "name": "muscle strain"}, {"@type": "MedicalCause", "name": "sciatica"}]
  })"));
}

TEST(StructuredData, AsksAndAnswersWhatTheArticleDoes) {
  v1::Article article = Sample();
  const Json graph = Graph(article);
  ASSERT_EQ(graph.size(), 2u);
  EXPECT_EQ(graph[1], Json::parse(R"({
    "@type": "FAQPage", "name": "A sample", "inLanguage": "en",
    "mainEntity": [{"@type": "Question", "name": "Is it safe?",
                    "acceptedAnswer": {"@type": "Answer", "text": "<p>Yes.</p>"}}]
  })"));
  article.clear_questions();
  EXPECT_EQ(Graph(article).size(), 1u);
}

TEST(StructuredData, NamesAddressesWhereTheyAreKnown) {
  ASSERT_OK_AND_ASSIGN(const Site site, Site::At("https://clinic.example/learn/"));
  v1::Article article = Sample();
  article.set_translation_of("articles/original");
  const Json graph = Graph(article, site);
  EXPECT_EQ(graph[0]["url"], "https://clinic.example/learn/a");
  EXPECT_EQ(graph[1]["url"], "https://clinic.example/learn/a");
  EXPECT_EQ(graph[0]["translationOfWork"]["url"], "https://clinic.example/learn/original");
  EXPECT_EQ(graph[0]["relatedLink"], Json::array({"https://clinic.example/learn/another"}));
}

TEST(StructuredData, EndsNoScriptWhateverTheArticleSays) {
  const std::string hostile = "</script><!--<script>&amp;\"\\ \u2028\u2029 \xc3\xb3 ]]>";
  v1::Article article = Sample();
  article.set_title(hostile);
  article.set_authors(0, hostile);
  article.mutable_questions(0)->set_answer_html(hostile);
  article.mutable_references(0)->set_doi("10.1000/a<b>\"#?%&");
  const std::string document = StructuredData(article, {});
  for (const char* sign : {"<", ">", "&", "\u2028", "\u2029"}) EXPECT_THAT(document, Not(HasSubstr(sign)));
  const Json graph = Graph(article);
  EXPECT_EQ(graph[0]["name"], hostile);
  EXPECT_EQ(graph[0]["author"][0]["name"], hostile);
  EXPECT_EQ(graph[1]["mainEntity"][0]["acceptedAnswer"]["text"], hostile);
  EXPECT_EQ(graph[0]["citation"][0]["url"], "https://doi.org/10.1000/a%3cb%3e%22%23%3f%25%26");
}

TEST(Site, TakesAFolderOfPagesAndNothingElse) {
  EXPECT_FALSE(Site::At("")->is_known());
  EXPECT_EQ(Site::At("http://localhost:3000")->PageOf("articles/a"), "http://localhost:3000/a");
  EXPECT_EQ(Site::At("https://clinic.example/learn")->SitemapPage(2), "https://clinic.example/sitemap.xml?page=2");
  for (const char* url : {"clinic.example", "ftp://clinic.example", "https://clinic.example/?a=b", "https://a b/",
                          "https://clinic.example/<", "https://user@clinic.example/"}) {
    EXPECT_THAT(Site::At(url), FailsWith(absl::StatusCode::kInvalidArgument, "ARTICLES_URL_REFUSED")) << url;
  }
}

}  // namespace
}  // namespace lumbar::content
