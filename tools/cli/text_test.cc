#include "tools/cli/text.h"

#include <absl/strings/str_cat.h>
#include <gtest/gtest.h>

namespace lumbar::cli {
namespace {

TEST(TextTest, BreaksLinesAtSpacesAndIndentsTheRest) {
  const std::string word(60, 'x');
  EXPECT_EQ(Wrapped(word + " " + word, "  - "), "  - " + word + "\n    " + word + "\n");
  EXPECT_EQ(Wrapped("a\n\nb", " "), " a\n b\n");
  EXPECT_EQ(Wrapped(std::string(120, 'y')), absl::StrCat(std::string(120, 'y'), "\n"));
  EXPECT_EQ(Wrapped("", "Source: "), "");
}

TEST(TextTest, FillsALineToItsLastColumn) {
  const std::string half(49, 'x');
  EXPECT_EQ(Wrapped(half + " " + half + "z"), half + " " + half + "z\n");
  EXPECT_EQ(Wrapped(half + " " + half + "zz"), half + "\n" + half + "zz\n");
}

TEST(TextTest, TakesTerminalControlOut) {
  EXPECT_EQ(Plain("a\x1b[2J\x07\xc2\x9b"
                  "b\xc3\xa9\n"),
            "a[2Jb\xc3\xa9\n");
}

TEST(TextTest, AlignsColumnsOfUnicode) {
  EXPECT_EQ(Table({{"NAME", "X"}, {"Zo\xc3\xab", "1"}}), "NAME  X\nZo\xc3\xab   1\n");
}

TEST(TextTest, FallsBackToUtcForAnUnknownZone) {
  google::protobuf::Timestamp time;
  EXPECT_EQ(LocalTime(time, "Mars/Olympus"), "Thu 01 Jan 1970 00:00 UTC");
  EXPECT_EQ(LocalTime(time, "Asia/Tokyo"), "Thu 01 Jan 1970 09:00 JST");
}

TEST(TextTest, ReadsAnEnumAsWords) { EXPECT_EQ(Label("MESSAGE_KIND_REMINDER_24H", "MESSAGE_KIND_"), "reminder 24h"); }

}  // namespace
}  // namespace lumbar::cli
