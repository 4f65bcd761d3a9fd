#include "common/telemetry/json_line.h"

#include <gtest/gtest.h>

#include <limits>

namespace lumbar {
namespace {

TEST(JsonLineTest, WritesEveryKindOfValue) {
  JsonLine line;
  line.Add("text", absl::string_view("plain"));
  line.Add("number", int64_t{-7});
  line.Add("half", 0.5);
  line.Add("nothing", std::numeric_limits<double>::infinity());
  line.Add("yes", true);
  line.Add("time", absl::FromUnixMicros(1'700'000'000'000'001));
  EXPECT_EQ(
      std::move(line).Take(),
      R"({"text":"plain","number":-7,"half":0.5,"nothing":null,"yes":true,"time":"2023-11-14T22:13:20.000001Z"})");
}

TEST(JsonLineTest, WritesTimesBeforeTheEpochToo) {
  JsonLine line;
  line.Add("time", absl::UnixEpoch() - absl::Microseconds(1));
  EXPECT_EQ(std::move(line).Take(), R"({"time":"1969-12-31T23:59:59.999999Z"})");
}

TEST(JsonLineTest, EscapesWhateverIsNotPlain) {
  for (const std::string value : {"a\"b", "a\\b", "a\nb", "a\x7f", "gr\xC3\xBC\xC3\x9F"}) {
    JsonLine line;
    line.Add("value", absl::string_view(value));
    EXPECT_EQ(nlohmann::json::parse(std::move(line).Take())["value"], value);
  }
}

TEST(JsonLineTest, ReplacesWhatIsNoUtf8) {
  JsonLine line;
  line.Add("value", absl::string_view("\xff"));
  EXPECT_EQ(std::move(line).Take(), "{\"value\":\"\xEF\xBF\xBD\"}");
}

TEST(JsonLineTest, IsAnObjectWithoutMembersToo) { EXPECT_EQ(JsonLine().Take(), "{}"); }

}  // namespace
}  // namespace lumbar
