#include "services/gateway/edge/path_matcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/status/matchers.h"

namespace lumbar::gateway {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class PathMatcherTest : public ::testing::Test {
 protected:
  void Add(absl::string_view http_method, absl::string_view text) {
    auto parsed = ParsePathTemplate(text);
    ASSERT_THAT(parsed, IsOk());
    ASSERT_THAT(matcher_.Add(http_method, *std::move(parsed), templates_.size()), IsOk());
    templates_.emplace_back(text);
  }

  // The template that was found and what was bound: "/v1/{name} name=x".
  std::string Find(absl::string_view http_method, absl::string_view path) {
    const auto match = matcher_.Find(http_method, path);
    if (!match.ok()) return ReasonOf(match.status());
    if (match->route == PathMatcher::kNoRoute) return "none";
    std::string found = templates_[match->route];
    for (const auto& binding : match->bindings) absl::StrAppend(&found, " ", binding.field_path, "=", binding.value);
    return found;
  }

  PathMatcher matcher_;
  std::vector<std::string> templates_;
};

TEST_F(PathMatcherTest, PrefersLiteralsToWildcards) {
  Add("GET", "/v1/{id}");
  Add("GET", "/v1/slots");
  Add("GET", "/v1/{rest=**}");
  EXPECT_EQ(Find("GET", "/v1/slots"), "/v1/slots");
  EXPECT_EQ(Find("GET", "/v1/other"), "/v1/{id} id=other");
  EXPECT_EQ(Find("GET", "/v1/a/b/c"), "/v1/{rest=**} rest=a/b/c");
  EXPECT_EQ(Find("GET", "/v1"), "/v1/{rest=**} rest=");
}

TEST_F(PathMatcherTest, GoesBackWhenALiteralLeadsNowhere) {
  Add("GET", "/v1/holds/new/form");
  Add("GET", "/v1/{name=holds/*}/state");
  EXPECT_EQ(Find("GET", "/v1/holds/new/state"), "/v1/{name=holds/*}/state name=holds/new");
}

TEST_F(PathMatcherTest, TellsVerbsFromSegments) {
  Add("GET", "/v1/{name=holds/*}");
  Add("POST", "/v1/{name=holds/*}:confirm");
  Add("POST", "/v1/slots:search");
  EXPECT_EQ(Find("POST", "/v1/holds/7:confirm"), "/v1/{name=holds/*}:confirm name=holds/7");
  EXPECT_EQ(Find("POST", "/v1/slots:search"), "/v1/slots:search");
  EXPECT_EQ(Find("GET", "/v1/holds/a:b"), "/v1/{name=holds/*} name=holds/a:b");
  EXPECT_EQ(Find("POST", "/v1/holds/a:b"), "none");
}

TEST_F(PathMatcherTest, UnescapesOneSegmentFullyAndLeavesSlashesInSeveral) {
  Add("GET", "/one/{id}");
  Add("GET", "/many/{name=holds/*}");
  EXPECT_EQ(Find("GET", "/one/a%2Fb%20c"), "/one/{id} id=a/b c");
  EXPECT_EQ(Find("GET", "/many/holds/a%2Fb%2fc%20d"), "/many/{name=holds/*} name=holds/a%2Fb%2fc d");
  EXPECT_EQ(Find("GET", "/one/a+b"), "/one/{id} id=a+b");
}

TEST_F(PathMatcherTest, RefusesBadEscapes) {
  Add("GET", "/one/{id}");
  for (const char* path : {"/one/%", "/one/%4", "/one/%zz", "/one/%C3", "/one/%FF"}) {
    EXPECT_EQ(Find("GET", path), "MALFORMED_REQUEST") << path;
  }
}

TEST_F(PathMatcherTest, NeverMatchesEmptySegments) {
  Add("GET", "/v1/{id}");
  Add("GET", "/v2/{rest=**}");
  for (const char* path : {"", "/", "/v1/", "//v1", "/v1//a", "/v2//", "/v2/a//b", "/v2/a/", "/v1/:", "v1/a"}) {
    EXPECT_THAT(Find("GET", path), ::testing::AnyOf("none", "/v1/{id} id=:")) << path;
  }
}

TEST_F(PathMatcherTest, ListsTheMethodsThatAPathHas) {
  Add("GET", "/v1/holds");
  Add("POST", "/v1/holds");
  Add("DELETE", "/v1/{id}");
  ASSERT_OK_AND_ASSIGN(const PathMatcher::Match match, matcher_.Find("PUT", "/v1/holds"));
  EXPECT_EQ(match.route, PathMatcher::kNoRoute);
  EXPECT_THAT(match.allowed, ElementsAre("DELETE", "GET", "POST"));
  ASSERT_OK_AND_ASSIGN(const PathMatcher::Match unknown, matcher_.Find("PUT", "/v2/holds"));
  EXPECT_THAT(unknown.allowed, IsEmpty());
}

TEST_F(PathMatcherTest, RefusesTwoTemplatesThatMatchTheSamePaths) {
  Add("GET", "/v1/{name=holds/*}:x");
  ASSERT_OK_AND_ASSIGN(const PathTemplate same, ParsePathTemplate("/v1/holds/{id}:x"));
  EXPECT_THAT(matcher_.Add("GET", same, 1), StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_THAT(matcher_.Add("PUT", same, 1), IsOk());
}

}  // namespace
}  // namespace lumbar::gateway
