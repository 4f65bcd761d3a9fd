#include "services/content/domain/words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lumbar::content {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// Whether a search for `searched` finds a text of the one word `written`.
bool Finds(const char* searched, const char* written, const char* language) {
  const auto words = QueryTerms(searched);
  return Snippet(written, language, words) != written;
}

TEST(Words, AreFoundInEveryForm) {
  for (const auto& [searched, written] :
       {std::pair("run", "Running"), std::pair("RUNS", "run"), std::pair("muscles", "muscle"),
        std::pair("exercise", "exercises"), std::pair("stretching", "stretches")}) {
    EXPECT_TRUE(Finds(searched, written, "en")) << searched << " " << written;
  }
  for (const auto& [searched, written] :
       {std::pair("dolores", "dolor"), std::pair("cronico", "crónica"), std::pair("CRÓNICO", "crónico"),
        std::pair("inflamación", "inflamacion"), std::pair("inflamacion", "inflamación"),
        std::pair("ejercicio", "ejercicios"), std::pair("ciatica", "Ciática"), std::pair("nino", "niño")}) {
    EXPECT_TRUE(Finds(searched, written, "es")) << searched << " " << written;
  }
  EXPECT_FALSE(Finds("back", "leg", "en"));
}

TEST(Words, LeaveOutWhatEveryTextHas) {
  EXPECT_THAT(QueryTerms("how can I run with it"), ElementsAre(Contains("run")));
  EXPECT_THAT(QueryTerms("de la que con"), IsEmpty());
  EXPECT_THAT(QueryTerms("a 'b' -- ;"), IsEmpty());
  EXPECT_THAT(QueryTerms("disc disc DISC"), SizeIs(1));
  EXPECT_THAT(QueryTerms("L5 4"), SizeIs(2));
}

TEST(Words, AreBoundedInNumberAndLength) {
  std::string many;
  for (int i = 0; i < 100; ++i) many += "word" + std::to_string(i) + " ";
  EXPECT_THAT(QueryTerms(many), SizeIs(16));
  EXPECT_THAT(QueryTerms(std::string(500, 'x')), IsEmpty());
}

TEST(Words, AreLettersAndDigitsWhateverIsSearched) {
  for (const char* query :
       {"\"back\" OR leg*", "back' | !leg:*", "near(back leg, 5)", "back\xff leg\xc3", "{a} :b: \\c"}) {
    for (const auto& forms : QueryTerms(query)) {
      for (const std::string& form : forms) {
        EXPECT_EQ(form.find_first_of("\"'*:|&!()<> \\^{}-"), std::string::npos) << form;
      }
    }
  }
}

TEST(PlainText, IsWhatReadersSee) {
  EXPECT_EQ(PlainText("<h2 id=\"a\">A &lt; B</h2>\n<p>x &amp;amp; <em>y</em></p>"), "A < B\nx &amp; y");
}

TEST(Snippet, MarksTheWordsAndEscapesTheRest) {
  EXPECT_EQ(Snippet("Back <pain> & more", "en", QueryTerms("pain")), "Back &lt;<mark>pain</mark>&gt; &amp; more");
}

TEST(Snippet, ShowsThePartWithMostOfTheWordsAndNeverHalfALetter) {
  std::string text;
  for (int i = 0; i < 60; ++i) text += "ñandú back über ";
  text += "back pain and sciatica. ";
  for (int i = 0; i < 60; ++i) text += "ñandú ";
  const std::string snippet = Snippet(text, "en", QueryTerms("back pain sciatica"));
  EXPECT_THAT(snippet, HasSubstr("<mark>back</mark> <mark>pain</mark> and <mark>sciatica</mark>"));
  EXPECT_LT(snippet.size(), 400u);
  EXPECT_THAT(snippet, testing::StartsWith("…"));
  EXPECT_THAT(snippet, testing::EndsWith("…"));
  EXPECT_EQ(snippet.find('\xb1'), snippet.find("ñ") + 1);
}

TEST(Snippet, IsTheBeginningWhenOnlyTheTitleHasTheWord) {
  EXPECT_EQ(Snippet("Nothing here.", "en", QueryTerms("sciatica")), "Nothing here.");
  EXPECT_EQ(Snippet("", "en", QueryTerms("sciatica")), "");
}

}  // namespace
}  // namespace lumbar::content
