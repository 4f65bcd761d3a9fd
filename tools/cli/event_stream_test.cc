#include "tools/cli/event_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace lumbar::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(EventReaderTest, MakesTheSameEventsOfAnyPieces) {
  const std::string text = ": a remark\nid: 7\ndata: {\"a\":1}\n\nevent: error\ndata: {}\n\n";
  for (size_t size = 1; size <= text.size(); ++size) {
    EventReader reader;
    std::vector<std::string> found;
    for (size_t at = 0; at < text.size(); at += size) {
      EXPECT_TRUE(reader.Read(text.substr(at, size), [&](const ServerEvent& event) {
        found.push_back(event.type + event.data);
        return true;
      }));
    }
    EXPECT_THAT(found, ElementsAre("{\"a\":1}", "error{}")) << size;
  }
}

TEST(EventReaderTest, StopsWhenItIsEnough) {
  EventReader reader;
  int taken = 0;
  EXPECT_FALSE(reader.Read("data: 1\n\ndata: 2\n\n", [&](const ServerEvent&) { return ++taken, false; }));
  EXPECT_EQ(taken, 1);
}

TEST(EventReaderTest, RefusesAnEventWithoutAnEnd) {
  EventReader reader;
  std::vector<std::string> found;
  const auto take = [&](const ServerEvent& event) { return found.push_back(event.data), true; };
  EXPECT_TRUE(reader.Read("data: ", take));
  EXPECT_FALSE(reader.Read(std::string((1 << 20) + 1, 'x'), take));
  EXPECT_THAT(found, IsEmpty());
}

}  // namespace
}  // namespace lumbar::cli
