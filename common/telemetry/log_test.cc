#include "common/telemetry/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <sstream>

#include "common/status/matchers.h"

namespace lumbar {
namespace {

class LogTest : public ::testing::Test {
 protected:
  ~LogTest() override { InitLogging("test", LogLevel::kError); }

  nlohmann::json OnlyLine() {
    const std::string text = out_.str();
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1) << text;
    return nlohmann::json::parse(text);
  }

  std::ostringstream out_;
};

TEST_F(LogTest, WritesOneJsonLineWithItsFields) {
  InitLoggingTo(out_, "booking", LogLevel::kInfo);
  Log(LogLevel::kInfo, "rpc_handled",
      {{"method", "CreateHold"},
       {"code", std::string("OK")},
       {"duration_ms", 1.5},
       {"attempt", 2u},
       {"cached", false}});
  const auto line = OnlyLine();
  EXPECT_EQ(line["level"], "info");
  EXPECT_EQ(line["service"], "booking");
  EXPECT_EQ(line["event"], "rpc_handled");
  EXPECT_EQ(line["method"], "CreateHold");
  EXPECT_EQ(line["code"], "OK");
  EXPECT_EQ(line["duration_ms"], 1.5);
  EXPECT_EQ(line["attempt"], 2);
  EXPECT_EQ(line["cached"], false);
  EXPECT_THAT(line["ts"].get<std::string>(), ::testing::ContainsRegex("^[0-9-]{10}T[0-9:]{8}[.][0-9]{6}Z$"));
}

TEST_F(LogTest, CannotBeMadeToForgeALine) {
  InitLoggingTo(out_, "booking", LogLevel::kInfo);
  const std::string hostile = "x\"}\n{\"event\":\"forged\"} \xff %v {}";
  Log(LogLevel::kWarning, "refused", {{"peer", hostile}, {"event", "forged"}, {"level", "debug"}});
  const auto line = OnlyLine();
  EXPECT_EQ(line["event"], "refused");
  EXPECT_EQ(line["level"], "warning");
  EXPECT_EQ(line["peer"], "x\"}\n{\"event\":\"forged\"} \xEF\xBF\xBD %v {}");
}

TEST_F(LogTest, DropsWhatIsBelowItsLevel) {
  InitLoggingTo(out_, "booking", LogLevel::kWarning);
  Log(LogLevel::kInfo, "quiet");
  EXPECT_EQ(out_.str(), "");
}

TEST_F(LogTest, LosesNothingThatWasQueuedBeforeAFlush) {
  ::testing::internal::CaptureStderr();
  InitLogging("booking", LogLevel::kInfo);
  for (int i = 0; i < 1000; ++i) Log(LogLevel::kInfo, "tick", {{"i", i}});
  FlushLogging();
  Log(LogLevel::kInfo, "last");
  const std::string text = ::testing::internal::GetCapturedStderr();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1001);
}

TEST(LogLevelTest, ComesFromItsNameOrIsRefused) {
  EXPECT_THAT(ParseLogLevel("warning"), IsOkAndHolds(LogLevel::kWarning));
  EXPECT_THAT(ParseLogLevel("loud"), FailsWith(absl::StatusCode::kInvalidArgument, "INVALID_FIELD"));
}

}  // namespace
}  // namespace lumbar
