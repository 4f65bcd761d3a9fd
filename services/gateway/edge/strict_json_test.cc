#include "services/gateway/edge/strict_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/status/matchers.h"

namespace lumbar::gateway {
namespace {

std::string Nested(size_t depth) { return std::string(depth, '[') + "1" + std::string(depth, ']'); }

TEST(StrictJsonTest, TakesWhatTheStandardAllows) {
  for (const char* text : {"{}", "[]", "1", "\"x\"", " { \"a\" : [ 1.5e3 , true , null ] } ", R"({"a":{"a":{"a":1}}})",
                           R"([{"a":1},{"a":1}])", R"("\ud83d\ude00")"}) {
    EXPECT_THAT(CheckJson(text), IsOk()) << text;
  }
}

TEST(StrictJsonTest, RefusesWhatProtobufWouldTake) {
  for (const char* text : {"",
                           " ",
                           "{'a':1}",
                           "{a:1}",
                           "{\"a\":1,}",
                           "[1,]",
                           "[1 2]",
                           "{} {}",
                           "{\"a\":01}",
                           "{\"a\":.5}",
                           "{\"a\":1e999}",
                           "{\"a\":NaN}",
                           "{\"a\":+1}",
                           "\"\t\"",
                           "{\"a\":\"\xff\"}",
                           R"("\ud800")",
                           "// x\n{}",
                           "{\"a\":tru}",
                           "\xEF\xBB\xBF",
                           "{",
                           "[[[["}) {
    EXPECT_THAT(CheckJson(text), FailsWith(absl::StatusCode::kInvalidArgument, "MALFORMED_JSON")) << text;
  }
}

TEST(StrictJsonTest, RefusesAKeyThatComesTwiceAtAnyDepth) {
  EXPECT_THAT(CheckJson(R"({"a":1,"a":2})"), FailsWith(absl::StatusCode::kInvalidArgument, "MALFORMED_JSON"));
  EXPECT_THAT(CheckJson(R"({"a":[{"b":1,"\u0062":2}]})"),
              FailsWith(absl::StatusCode::kInvalidArgument, "MALFORMED_JSON"));
}

TEST(StrictJsonTest, BoundsTheDepthAndRecovers) {
  EXPECT_THAT(CheckJson(Nested(kMaxJsonDepth)), IsOk());
  EXPECT_THAT(CheckJson(Nested(kMaxJsonDepth + 1)), FailsWith(absl::StatusCode::kInvalidArgument, "MALFORMED_JSON"));
  EXPECT_THAT(CheckJson(Nested(100000)), FailsWith(absl::StatusCode::kInvalidArgument, "MALFORMED_JSON"));
  EXPECT_THAT(CheckJson(std::string(256 * 1024, '[')), FailsWith(absl::StatusCode::kInvalidArgument, "MALFORMED_JSON"));
  EXPECT_THAT(CheckJson("{}"), IsOk());
}

}  // namespace
}  // namespace lumbar::gateway
