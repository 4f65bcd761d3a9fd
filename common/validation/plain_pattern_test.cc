#include "common/validation/plain_pattern.h"

#include <absl/strings/match.h>
#include <gtest/gtest.h>
#include <re2/re2.h>

#include <random>
#include <string>

namespace lumbar::validation {
namespace {

constexpr const char* kPlain[] = {"^patients/[A-Za-z0-9._-]{1,63}$",
                                  "^[a-z][a-z0-9_]{1,63}$",
                                  "^[A-Z]{2}$",
                                  "^holds/[0-9a-f-]{36}$",
                                  "^[+][0-9]{6,15}$",
                                  "^[a-z0-9-]{1,63}$",
                                  "^appointments/[0-9a-f-]{36}/calendarFile$"};

// What nearly matches: the pattern's own characters, of all lengths around its bounds, some of them spoiled.
std::string SomeText(std::minstd_rand& random, absl::string_view pattern) {
  static constexpr absl::string_view kBytes("aZ09._-/+\n\0 \xC3\xA9", 14);
  std::string text(pattern.substr(1, pattern.find_first_of("[") - 1));
  const size_t size = random() % 70;
  for (size_t i = 0; i < size; ++i) text += random() % 40 == 0 ? kBytes[random() % kBytes.size()] : "a0f"[random() % 3];
  if (random() % 4 == 0) text += "/calendarFile";
  if (random() % 5 == 0) text = std::string(1, "+aZ"[random() % 3]) + text;
  return text;
}

TEST(PlainPatternTest, SaysWhatRe2Says) {
  std::minstd_rand random(7);
  for (const char* pattern : kPlain) {
    const auto plain = PlainPattern::Of(pattern);
    ASSERT_TRUE(plain) << pattern;
    const RE2 slow(pattern);
    int matched = 0;
    for (int i = 0; i < 20'000; ++i) {
      const std::string text = SomeText(random, pattern);
      const bool expected = RE2::PartialMatch(text, slow);
      ASSERT_EQ(plain->Matches(text), expected) << pattern << " on " << text;
      matched += expected ? 1 : 0;
    }
    for (const char* text : {"CA", "C", "CAL", "ca", "+155512", "+15551", ""}) {
      EXPECT_EQ(plain->Matches(text), RE2::PartialMatch(text, slow)) << pattern << " on " << text;
    }
    const bool is_rare = absl::StrContains(pattern, "[+]") || absl::StrContains(pattern, "[A-Z]{2}") ||
                         absl::StrContains(pattern, "{36}");
    if (!is_rare) {
      EXPECT_GT(matched, 0) << pattern;
    }
  }
}

TEST(PlainPatternTest, MatchesWholeNames) {
  const auto plain = PlainPattern::Of("^holds/[0-9a-f-]{36}$");
  EXPECT_TRUE(plain->Matches("holds/0b7f9c1e-5a0d-4b8e-9a3f-1c2d3e4f5a6b"));
  EXPECT_FALSE(plain->Matches("holds/0b7f9c1e-5a0d-4b8e-9a3f-1c2d3e4f5a6"));
  EXPECT_FALSE(plain->Matches("holds/0b7f9c1e-5a0d-4b8e-9a3f-1c2d3e4f5a6bb"));
  EXPECT_FALSE(plain->Matches("holds/0b7f9c1e-5a0d-4b8e-9a3f-1c2d3e4f5a6g"));
}

TEST(PlainPatternTest, LeavesEverythingElseToRe2) {
  for (const char* pattern : {"[a-z]", "^a", "a$", "^$", "^(a|b)$", "^a+$", "^a?$", "^.$", "^\\d$", "^[^a]$",
                              "^[a-z]{1,3}b$", "^[[:alpha:]]$", "^[z-a]$", "^a{2,1}$", "^a{2,}$", "^[a", "^a{2$"}) {
    EXPECT_FALSE(PlainPattern::Of(pattern)) << pattern;
  }
}

}  // namespace
}  // namespace lumbar::validation
