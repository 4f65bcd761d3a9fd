#include "services/gateway/edge/path_template.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/status/matchers.h"

namespace lumbar::gateway {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(PathTemplateTest, ReadsLiteralsAndWildcards) {
  ASSERT_OK_AND_ASSIGN(const PathTemplate plain, ParsePathTemplate("/v1/slots"));
  EXPECT_THAT(plain.segments, ElementsAre("v1", "slots"));
  EXPECT_THAT(plain.variables, IsEmpty());
  EXPECT_EQ(plain.verb, "");
  ASSERT_OK_AND_ASSIGN(const PathTemplate wild, ParsePathTemplate("/v1/*/files/**"));
  EXPECT_THAT(wild.segments, ElementsAre("v1", "*", "files", "**"));
}

TEST(PathTemplateTest, ReadsTheVerbAfterTheLastColon) {
  ASSERT_OK_AND_ASSIGN(const PathTemplate parsed, ParsePathTemplate("/v1/{name=holds/*}:confirm"));
  EXPECT_EQ(parsed.verb, "confirm");
  EXPECT_THAT(parsed.segments, ElementsAre("v1", "holds", "*"));
}

TEST(PathTemplateTest, KnowsWhatEachVariableSpans) {
  ASSERT_OK_AND_ASSIGN(const PathTemplate parsed, ParsePathTemplate("/v1/{shelf}/{book.name=books/*}/{rest=pages/**}"));
  ASSERT_THAT(parsed.variables, SizeIs(3));
  EXPECT_EQ(parsed.variables[0].field_path, "shelf");
  EXPECT_TRUE(parsed.variables[0].IsSingleSegment());
  EXPECT_EQ(parsed.variables[1].field_path, "book.name");
  EXPECT_EQ(parsed.variables[1].first, 2u);
  EXPECT_EQ(parsed.variables[1].count, 2u);
  EXPECT_FALSE(parsed.variables[1].IsSingleSegment());
  EXPECT_TRUE(parsed.variables[2].open_ended);
  EXPECT_EQ(parsed.variables[2].count, 1u);
}

TEST(PathTemplateTest, RefusesWhatTheGrammarDoesNotHave) {
  for (const char* wrong :
       {"",        "v1",  "/",      "//a",  "/a/",  "/a//b", "/{",    "/{}",       "/{a",     "/{a=}",    "/{a={b}}",
        "/{a=b/}", "/a:", "/a:b:c", "/a b", "/a?b", "/%41",  "/**/a", "/{a=**}/b", "/{a}{b}", "/{a}/{a}", "/***"}) {
    EXPECT_THAT(ParsePathTemplate(wrong), StatusIs(absl::StatusCode::kInvalidArgument)) << wrong;
  }
  EXPECT_THAT(std::string(ParsePathTemplate("/a/{b").status().message()), HasSubstr("/a/{b"));
}

}  // namespace
}  // namespace lumbar::gateway
