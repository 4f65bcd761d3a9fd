// The classes of JSONTestSuite's cases that a parser must refuse, by cases of our own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/status/matchers.h"
#include "services/gateway/edge/strict_json.h"

namespace lumbar::gateway {
namespace {

using namespace std::string_literals;

void ExpectRefused(const std::vector<std::string>& texts) {
  for (const auto& text : texts) {
    // Alone, and where a value may be: what is refused isn't the place.
    EXPECT_THAT(CheckJson(text), FailsWith(absl::StatusCode::kInvalidArgument, "MALFORMED_JSON")) << text;
    EXPECT_THAT(CheckJson("[" + text + "]"), FailsWith(absl::StatusCode::kInvalidArgument, "MALFORMED_JSON")) << text;
    EXPECT_THAT(CheckJson("{\"k\":" + text + "}"), FailsWith(absl::StatusCode::kInvalidArgument, "MALFORMED_JSON"))
        << text;
  }
}

TEST(StrictJsonRefusalsTest, RefusesEveryClassOfBadNumbers) {
  ExpectRefused({
      // Signs.
      "-",
      "--7",
      "++7",
      "+7",
      "- 7",
      "-+7",
      "7-",
      "+Infinity",
      "-Infinity",
      "-nan",
      "Infinity",
      "inf",
      "NaN",
      "nan",
      // Zeros in front.
      "07",
      "-07",
      "007",
      "-00",
      "00.5",
      "0_5",
      // Nothing on one side of the point.
      ".7",
      "-.7",
      "7.",
      "-7.",
      "7.e2",
      "0.e1",
      ".7e2",
      "7..5",
      "7.5.2",
      "7.+5",
      ".",
      "-.",
      // Exponents.
      "7e",
      "7E",
      "7e+",
      "7e-",
      "7.5e",
      "7.5e+",
      "7ee2",
      "7eE2",
      "7e+-2",
      "7e 2",
      "7e2.5",
      "7e0x1",
      "e7",
      // Other notations, and what isn't a digit.
      "0x7",
      "0X7f",
      "7h",
      "7.5f",
      "-7x",
      "7a5",
      "7e2x",
      "1+2",
      "1 000",
      "1,000.5.",
      "1_000",
      "\xEF\xBC\x97",
      "7\xE5",
      "7e\xE5",
      "-\xE5",
      "-foo",
      "7\0"s,
      // No double holds it.
      "1e400",
      "-1e400",
  });
}

TEST(StrictJsonRefusalsTest, RefusesEveryClassOfBadStrings) {
  ExpectRefused({
      // Not closed, or not opened.
      "\"",
      "\"abc",
      "abc\"",
      "abc",
      "'abc'",
      "`abc`",
      "\xE2\x80\x9C"
      "abc\xE2\x80\x9D",
      "\xC3\xA9",
      "\"a\"b",
      "\"a\"\"b\"",
      // Escapes that there aren't.
      R"("\a")",
      R"("\v")",
      R"("\0")",
      R"("\x41")",
      R"("\'")",
      R"("\U0041")",
      R"("\ ")",
      "\"\\\t\"",
      "\"\\\0\""s,
      "\"\\\n\"",
      "\"\\\xE5\"",
      "\"\\\xF0\x9F\x8C\x80\"",
      R"(\u0022abc")",
      R"(\n)",
      R"("\")",
      R"("\\\")",
      "\"\\",
      // Four hexadecimal digits.
      R"("\u")",
      R"("\u4")",
      R"("\u41")",
      R"("\u004")",
      R"("\u00g1")",
      R"("\uqqqq")",
      R"("\u+041")",
      R"("\u 041")",
      R"("\u{41}")",
      // Halves of pairs.
      R"("\ud83d")",
      R"("\ud83d\u")",
      R"("\ud83d\ude")",
      R"("\ud83dx")",
      R"("\ud83d\n")",
      R"("\ude00\ud83d")",
      R"("\ud83d\ud83d")",
      R"("\ude00")",
      // Control characters as they are.
      "\"\0\""s,
      "\"\x01\"",
      "\"\x1f\"",
      "\"a\nb\"",
      "\"a\rb\"",
      "\"a\tb\"",
      "\"a\bb\"",
      // Not UTF-8: cut, overlong, a surrogate, beyond the last, alone.
      "\"\xC3\"",
      "\"\xE2\x82\"",
      "\"\xF0\x9F\x98\"",
      "\"\xC0\xAF\"",
      "\"\xE0\x80\xAF\"",
      "\"\xED\xA0\x80\"",
      "\"\xF4\x90\x80\x80\"",
      "\"\x80\"",
      "\"\xFE\"",
      "\"\xFF\"",
      "\"\xE9\"",
  });
}

TEST(StrictJsonRefusalsTest, RefusesEveryClassOfBadArrays) {
  ExpectRefused({
      // Commas too many, too few, at a wrong place.
      "[,]",
      "[,1]",
      "[1,]",
      "[1,,]",
      "[1,,2]",
      "[ , 1]",
      "[1 true]",
      "[1 [2]]",
      "[1[2]]",
      "[\"a\" \"b\"]",
      "[1;2]",
      "[1:2]",
      "[\"a\":1]",
      // Not closed, closed twice or by another.
      "[",
      "[1",
      "[1,",
      "[\"a\"",
      "[\"a",
      "[[1]",
      "[1]]",
      "[1}",
      "[1)",
      "]",
      "[[",
      "[\n1,\n1\n",
      "[{}",
      "[}",
      "[(1)]",
      // What is no value.
      "[*]",
      "[-]",
      "[x]",
      "[<null>]",
      "[undefined]",
      "[True]",
      "[nul]",
      "[nulll]",
      "[tru]",
      "[fals]",
      "[TRUE]",
      "[\\n]",
      "[\xFF]",
      "[\"\va\"\f]",
      "[\0]"s,
  });
}

TEST(StrictJsonRefusalsTest, RefusesEveryClassOfBadObjects) {
  ExpectRefused({
      // Keys.
      "{1:1}",
      "{9E999:1}",
      "{null:1}",
      "{true:1}",
      "{[1]:1}",
      "{{}:1}",
      "{[: 1}",
      "{:1}",
      "{a:1}",
      "{'a':1}",
      "{\"a:1}",
      "{\xF0\x9F\x98\x80:1}",
      "{\"\xB9\":1,}",
      "{\"a\"}",
      "{\"a\",1}",
      "{\"a\" 1}",
      "{\"a\"::1}",
      "{\"a\";1}",
      "{\"a\"=1}",
      // Values.
      "{\"a\":}",
      "{\"a\":,\"b\":1}",
      "{\"a\":1 2}",
      "{\"a\":\"b\" 1}",
      "{\"a\":null null}",
      "{\"a\":truth}",
      "{\"a\":\"b}",
      // Commas.
      "{,}",
      "{,\"a\":1}",
      "{\"a\":1,}",
      "{\"a\":1,,}",
      "{\"a\":1,,\"b\":2}",
      "{\"a\":1 \"b\":2}",
      "{\"a\":1;\"b\":2}",
      "{\"a\":1,\"b\"}",
      // Not closed, closed twice or by another.
      "{",
      "}",
      "{\"a\"",
      "{\"a\":",
      "{\"a\":1",
      "{\"a\":1,",
      "{\"a\":1}}",
      "{\"a\":1]",
      "{\"a\":{}",
      "{]",
      // What follows.
      "{\"a\":1}#",
      "{\"a\":1}x",
      "{\"a\":1}/",
      "{\"a\":1}//",
      "{\"a\":1}/**/",
      "{\"a\":1}{\"b\":2}",
  });
}

TEST(StrictJsonRefusalsTest, RefusesEveryClassOfBadStructure) {
  ExpectRefused({
      // Nothing, or nothing of JSON's. (An array may be empty, so that nothing at all is tried elsewhere.)
      "*",
      "#",
      "<.>",
      "?",
      "\\u000A\"\"",
      "\xE5",
      "\xEF\xBB",
      "\xEF\xBB{}",
      "True",
      "FALSE",
      "Null",
      "nil",
      "None",
      "undefined",
      "a\xCC\x8A",
      // Two of them.
      "1 2",
      "{}{}",
      "[][]",
      "{} x",
      "[] x",
      "\"a\" 1",
      "null,",
      "[],",
      ",null",
      "1,2]x",
      // Comments.
      "/* x */ 1",
      "1 /* x */",
      "// x\n1",
      "1 // x\n",
      "# x\n1",
      "-- x",
      "<!-- x --> 1",
      // Space that isn't JSON's.
      "\f1",
      "1\f",
      "\v1",
      "\xC2\xA0"
      "1",
      "\xE2\x80\x83"
      "1",
      "\xE2\x81\xA0"
      "1",
      "\xE3\x80\x80"
      "1",
      "\xE2\x80\xA8"
      "1",
      // A byte of nothing.
      "\0"s,
      "1\0"s,
      "\0"
      "1"s,
      "{\0}"s,
      "[\0]"s,
      // Open at the end, alike and mixed.
      "[[[[",
      "{\"a\":[{\"a\":[",
      "[{\"a\":",
      "[1,{\"a\":[",
      "[\"a\",{\"b\":\"c",
  });
}

}  // namespace
}  // namespace lumbar::gateway
