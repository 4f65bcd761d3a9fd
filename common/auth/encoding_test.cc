#include "common/auth/encoding.h"

#include <gtest/gtest.h>

namespace lumbar::auth {
namespace {

TEST(Encoding, ReadsBase64UrlBack) {
  for (const std::string& bytes :
       {std::string(""), std::string("\0", 1), std::string("\xfb\xff\xfe"), std::string(100, 'x')}) {
    EXPECT_EQ(Base64UrlDecode(Base64UrlEncode(bytes)), bytes);
  }
}

TEST(Encoding, RefusesLaxBase64) {
  for (const char* text :
       {"Zg==", "Zg=", "Zh", "Zm9", "Z", "Zm9v ", " Zm9v", "Zm\n9v", "+/+/", "Zg.", "Zm9vY\xc3\xa9"}) {
    EXPECT_EQ(Base64UrlDecode(text), std::nullopt) << text;
  }
}

TEST(Encoding, ReadsAnObject) {
  const auto object = ParseStrictObject(R"({"a":[1,-2,18446744073709551615,0.5,true,null],"b":{"c":"\u00e9"}})");
  ASSERT_TRUE(object.has_value());
  EXPECT_EQ(object->dump(), "{\"a\":[1,-2,18446744073709551615,0.5,true,null],\"b\":{\"c\":\"\xc3\xa9\"}}");
}

TEST(Encoding, RefusesWhatIsNotStrictJson) {
  for (const std::string& text :
       {std::string(""), std::string("[]"), std::string("1"), std::string("{"), std::string("{}x"),
        std::string("{}\0", 3), std::string("\xef\xbb\xbf{}"), std::string("{'a':1}"), std::string(R"({"a":1,})"),
        std::string(R"({"a":NaN})"), std::string(R"({"a":01})"), std::string("{\"a\":\"\xff\"}"),
        std::string(R"({"a":"\ud800"})"), std::string(R"({"a":"\udc00"})"),
        std::string(R"({"a":18446744073709551616})"), std::string("{\"a\":\"\n\"}")}) {
    EXPECT_EQ(ParseStrictObject(text), std::nullopt) << text;
  }
}

TEST(Encoding, RefusesANameUsedTwiceAtAnyLevel) {
  for (const char* text :
       {R"({"a":1,"a":1})", R"({"a":1,"\u0061":2})", R"({"b":{"a":1,"a":2}})", R"({"b":[{"a":1,"a":2}]})"}) {
    EXPECT_EQ(ParseStrictObject(text), std::nullopt) << text;
  }
}

TEST(Encoding, RefusesDeepNesting) {
  const auto nested = [](size_t levels) {
    return absl::StrCat("{\"a\":", std::string(levels - 1, '['), std::string(levels - 1, ']'), "}");
  };
  EXPECT_TRUE(ParseStrictObject(nested(16)).has_value());
  EXPECT_EQ(ParseStrictObject(nested(17)), std::nullopt);
  EXPECT_EQ(ParseStrictObject(nested(2000)), std::nullopt);
}

}  // namespace
}  // namespace lumbar::auth
