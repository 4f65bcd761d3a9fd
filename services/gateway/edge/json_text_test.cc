#include "services/gateway/edge/json_text.h"

#include <absl/strings/str_cat.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <limits>

namespace lumbar::gateway {
namespace {

std::string Quoted(absl::string_view value) {
  JsonText text(1);
  EXPECT_TRUE(text.AddQuoted(value));
  return std::move(text).Take();
}

bool IsTaken(absl::string_view value) {
  JsonText text(1);
  return text.AddQuoted(value);
}

TEST(JsonTextTest, EveryAsciiByteAtEveryPlaceOfATextIsReadBackAsItWas) {
  for (size_t size = 1; size <= 35; ++size) {
    for (size_t place = 0; place < size; ++place) {
      for (int byte = 0; byte < 0x80; ++byte) {
        std::string value(size, 'a');
        value[place] = static_cast<char>(byte);
        const std::string written = Quoted(value);
        ASSERT_EQ(nlohmann::json::parse(written), nlohmann::json(value)) << written;
      }
    }
  }
}

TEST(JsonTextTest, WhatNeedsNoEscapeIsWrittenAsItIs) {
  const std::string value = "Your back, más o menos: ☃ 😀 & 100% 'fine' ~ !";
  EXPECT_EQ(Quoted(value), absl::StrCat("\"", value, "\""));
}

TEST(JsonTextTest, NoTextCanEndAScript) {
  EXPECT_EQ(Quoted("</script>\x7f"), R"("\u003c/script\u003e\u007f")");
  for (const char* alone : {"<", ">", "\x7f"}) EXPECT_EQ(Quoted(absl::StrCat("1 ", alone, " 2")).size(), 12U) << alone;
}

TEST(JsonTextTest, BytesThatAreNotUtf8AreRefusedAtEveryPlace) {
  for (size_t size = 1; size <= 35; ++size) {
    for (size_t place = 0; place < size; ++place) {
      std::string value(size, 'a');
      value[place] = '\xff';
      EXPECT_FALSE(IsTaken(value)) << size << " " << place;
    }
  }
}

TEST(JsonTextTest, GrowsByAsMuchAsIsAdded) {
  const std::string value(100'000, '<');
  EXPECT_EQ(Quoted(value).size(), 2 + 6 * value.size());
}

TEST(JsonTextTest, WritesTheLargestNumbers) {
  JsonText text(0);
  text.AddNumber(std::numeric_limits<int64_t>::min());
  text.Add(',');
  text.AddNumber(std::numeric_limits<uint64_t>::max());
  text.Add(',');
  text.AddDigits(7, 3);
  EXPECT_EQ(std::move(text).Take(), "-9223372036854775808,18446744073709551615,007");
}

}  // namespace
}  // namespace lumbar::gateway
