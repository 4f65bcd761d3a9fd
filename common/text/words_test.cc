#include "common/text/words.h"

#include <gmock/gmock.h>

namespace lumbar {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(WordsTest, FoldsCaseAccentsAndFormsOfLetters) {
  EXPECT_THAT(FoldedWords("STOP Diagnóstico ＳＴＯＰ niño"), ElementsAre("stop", "diagnostico", "stop", "nino"));
  // A zero-width space and a soft hyphen hide nothing.
  EXPECT_THAT(FoldedWords("ST\u200bOP st\u00adop"), ElementsAre("stop", "stop"));
}

TEST(WordsTest, AnApostrophePartsNothing) {
  EXPECT_THAT(FoldedWords("can't can\u2019t feel-my"), ElementsAre("cant", "cant", "feel", "my"));
}

TEST(WordsTest, PartsClauses) {
  EXPECT_THAT(FoldedClauses("No numbness. Can't pee!\r\n¿Qué hago? "),
              ElementsAre(ElementsAre("no", "numbness"), ElementsAre("cant", "pee"), ElementsAre("que", "hago")));
  EXPECT_THAT(FoldedClauses("No, I can't"), ElementsAre(ElementsAre("no", ",", "i", "cant")));
  EXPECT_THAT(FoldedWords("No, I can't"), ElementsAre("no", "i", "cant"));
  EXPECT_THAT(FoldedClauses("...\n\n"), IsEmpty());
}

TEST(WordsTest, TakesBytesThatAreNotUtf8AsGaps) {
  EXPECT_THAT(FoldedWords("stop\xff\xfeplease"), ElementsAre("stop", "please"));
  EXPECT_THAT(FoldedWords(absl::string_view("a\0b", 3)), ElementsAre("a", "b"));
}

TEST(WordsTest, KnowsNamesThatReadersCannotTellApart) {
  for (const char* alike : {"ann author", "Ann  Author", "Ann Author ", "\u0410nn Author", "Ánn-Author",
                            "Ann\u00a0Author", "A n n Author", "Ann A.uthor"}) {
    EXPECT_TRUE(LooksAlike("Ann Author", alike)) << alike;
  }
  EXPECT_FALSE(LooksAlike("Ann Author", "Anna Author"));
  EXPECT_FALSE(LooksAlike("Ann Author", "Ann Author, MD"));
  EXPECT_FALSE(LooksAlike("Ann Author", ""));
}

}  // namespace
}  // namespace lumbar
