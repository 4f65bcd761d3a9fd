#include "common/telemetry/trace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace lumbar {
namespace {

using ::testing::Eq;
using ::testing::Optional;

// The recommendation's own example.
constexpr char kExample[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const TraceContext kParsed{"0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", true};

TEST(Traceparent, IsReadAndWrittenUnchanged) {
  EXPECT_THAT(ParseTraceparent(kExample), Optional(kParsed));
  EXPECT_EQ(FormatTraceparent(kParsed), kExample);
}

TEST(Traceparent, OfALaterVersionIsReadAsFarAsItIsKnown) {
  EXPECT_THAT(ParseTraceparent("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-what-comes"),
              Optional(kParsed));
  EXPECT_THAT(ParseTraceparent("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01.what"), Eq(std::nullopt));
}

TEST(Traceparent, OnlyTheLowestFlagMeansSampled) {
  EXPECT_FALSE(ParseTraceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-fe")->sampled);
  EXPECT_TRUE(ParseTraceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-ff")->sampled);
}

class BadTraceparent : public ::testing::TestWithParam<const char*> {};

TEST_P(BadTraceparent, IsRefused) { EXPECT_THAT(ParseTraceparent(GetParam()), Eq(std::nullopt)); }

INSTANTIATE_TEST_SUITE_P(Traceparent, BadTraceparent,
                         ::testing::Values("", "00", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0",
                                           "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-",
                                           "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
                                           "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                                           "0G-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                                           "00-00000000000000000000000000000000-b7ad6b7169203331-01",
                                           "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
                                           "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
                                           "00-0af7651916cd43dd8448eb211c80319c-b7ad6b716920333x-01",
                                           "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0.",
                                           "00_0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                                           " 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));

TEST(Trace, ChildrenStayInTheTraceWithSpansOfTheirOwn) {
  const TraceContext root = NewTrace(true);
  EXPECT_THAT(ParseTraceparent(FormatTraceparent(root)), Optional(root));
  std::set<std::string> spans = {root.span_id};
  for (int i = 0; i < 100; ++i) {
    const TraceContext child = ChildOf(root);
    EXPECT_EQ(child.trace_id, root.trace_id);
    EXPECT_TRUE(child.sampled);
    EXPECT_TRUE(spans.insert(child.span_id).second);
  }
}

}  // namespace
}  // namespace lumbar
