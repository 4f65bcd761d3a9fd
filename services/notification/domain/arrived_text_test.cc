#include "services/notification/domain/arrived_text.h"

#include <gmock/gmock.h>

#include "services/notification/domain/text_scanner.h"

namespace lumbar::notification {
namespace {

ArrivedText From(const std::string& from, const std::string& text = "hello") { return Arrive({from, "", text}); }

TEST(ArrivedTextTest, KnowsANumberHoweverItIsWritten) {
  for (const char* from : {"+12125550123", "(212) 555-0123", "1-212-555-0123"}) {
    EXPECT_EQ(From(from).number, "+12125550123");
    EXPECT_TRUE(From(from).answerable);
  }
}

TEST(ArrivedTextTest, KeepsWhoCantBeAnsweredApart) {
  EXPECT_EQ(From("72345").number, "72345");
  EXPECT_EQ(From("5550123").number, "5550123");
  EXPECT_EQ(From("anonymous").number, "anonymous");
  EXPECT_EQ(From(" \n\x01").number, "anonymous");
  EXPECT_EQ(From("Bank\nof\xff " + std::string(100, 'x')).number.size(), 29u);
  for (const char* from : {"72345", "5550123", "anonymous", "", "+1"}) EXPECT_FALSE(From(from).answerable) << from;
}

TEST(ArrivedTextTest, KeepsTheBeginningOfALongTextAndScansMore) {
  EXPECT_FALSE(From("1", std::string(kLongestText, 'x')).cut);
  const std::string accents = [] {
    std::string text;
    for (int i = 0; i < 2500; ++i) text += "é";
    return text;
  }();
  const ArrivedText text = From("1", accents);
  EXPECT_TRUE(text.cut);
  EXPECT_EQ(text.text, accents.substr(0, 2 * kLongestText));
  EXPECT_EQ(text.scanned, accents.substr(0, kMostScanned));
  EXPECT_TRUE(text.scanned_in_part);
  EXPECT_EQ(From("1", "x" + accents).scanned.size(), kMostScanned - 1) << "no character is parted";
  EXPECT_FALSE(From("1", std::string(kMostScanned, 'x')).scanned_in_part);
}

TEST(ArrivedTextTest, RepairsWhatIsNotText) {
  EXPECT_EQ(From("1",
                 "a\xff"
                 "b")
                .text,
            "a\xef\xbf\xbd"
            "b");
  EXPECT_TRUE(From("1", "a\xff").repaired);
  EXPECT_TRUE(From("1", std::string("a\0b", 3)).repaired);
  EXPECT_EQ(From("1", std::string("a\0b", 3)).text.size(), 5u);
  EXPECT_FALSE(From("1", "señal \xf0\x9f\x98\x80").repaired);
}

TEST(ArrivedTextTest, BelievesNoImpossibleNumberOfPictures) {
  EXPECT_EQ(Arrive({"1", "", "", -3}).attachments, 0);
  EXPECT_EQ(Arrive({"1", "", "", 1'000'000}).attachments, 100);
}

}  // namespace
}  // namespace lumbar::notification
