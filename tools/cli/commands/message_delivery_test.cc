// `lumbar message show, dead, replay`: what is sent, what is printed, how it ends.
#include <gmock/gmock.h>

#include "tools/cli/testing.h"

namespace lumbar::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kMessageName[] = "messages/6f1b1f0e-0000-4000-8000-000000000001";
constexpr char kDead[] = R"({"name":"messages/6f1b1f0e-0000-4000-8000-000000000001",
  "appointment":"appointments/6f1b1f0e-0000-4000-8000-000000000002","kind":"MESSAGE_KIND_REMINDER_24H",
  "channel":"CHANNEL_SMS","dueTime":"2026-11-27T08:00:00Z","state":"MESSAGE_STATE_DEAD","reason":"SMS_REFUSED","attempts":1})";

class MessageDeliveryTest : public CommandLineTest {
 protected:
  // Answers each call in turn and keeps what was sent.
  void Answer(const std::vector<std::string>& bodies) {
    EXPECT_CALL(http_, Send).Times(static_cast<int>(bodies.size())).WillRepeatedly([this, bodies](const auto& request) {
      sent_.push_back(request);
      return HttpAnswer{200, bodies[sent_.size() - 1]};
    });
  }

  std::vector<HttpRequest> sent_;
};

TEST_F(MessageDeliveryTest, ShowsWhereAMessageStandsAndWhy) {
  Answer({kDead});
  EXPECT_EQ(RunWith({"message", "show", kMessageName}), ExitCode::kOk) << err();
  EXPECT_THAT(sent_[0].url, HasSubstr(std::string("/v1/") + kMessageName));
  EXPECT_THAT(out(), AllOf(HasSubstr("reminder 24h"), HasSubstr("sms"), HasSubstr("dead"), HasSubstr("SMS_REFUSED")));
}

TEST_F(MessageDeliveryTest, ListsWhatWasGivenUp) {
  Answer({std::string(R"({"messages":[)") + kDead + R"(],"nextPageToken":"more"})"});
  EXPECT_EQ(RunWith({"message", "dead", "--page-size", "1"}), ExitCode::kOk) << err();
  EXPECT_THAT(sent_[0].url, HasSubstr("/v1/messages:deadLetters?pageSize=1"));
  EXPECT_THAT(out(), AllOf(HasSubstr("SMS_REFUSED"), HasSubstr(kMessageName), HasSubstr("more")));
}

TEST_F(MessageDeliveryTest, ReplaysOne) {
  Answer({kDead});
  EXPECT_EQ(RunWith({"message", "replay", kMessageName}), ExitCode::kOk) << err();
  EXPECT_THAT(sent_[0].url, HasSubstr(std::string(kMessageName) + ":replay"));
}

TEST_F(MessageDeliveryTest, ReplaysAllAndTellsHowFarItIs) {
  Answer({R"({"replayedCount":500,"remainingCount":7})", R"({"replayedCount":7})"});
  EXPECT_EQ(RunWith({"message", "replay", "--all", "--reason", "SMS_UNREACHABLE"}), ExitCode::kOk) << err();
  EXPECT_EQ(out(), "queued again: 500, remaining: 7\nqueued again: 507, remaining: 0\n");
  EXPECT_THAT(sent_[1].body, HasSubstr("SMS_UNREACHABLE"));
}

// A service whose dead letters die again at once answers like this for ever if it isn't told by when they were given
// up.
TEST_F(MessageDeliveryTest, ReplayingAllTakesUpNothingThatWasGivenUpMeanwhile) {
  Answer({R"({"replayedCount":500,"remainingCount":3,"givenUpBy":"2026-11-27T08:00:00.000001Z"})",
          R"({"replayedCount":1,"droppedCount":1,"remainingCount":1,"givenUpBy":"2026-11-27T08:00:00.000001Z"})",
          R"({"droppedCount":1,"givenUpBy":"2026-11-27T08:00:00.000001Z"})"});
  EXPECT_EQ(RunWith({"message", "replay", "--all"}), ExitCode::kOk) << err();
  EXPECT_THAT(sent_[0].body, Not(HasSubstr("givenUpBy")));
  EXPECT_THAT(sent_[1].body, HasSubstr(R"("givenUpBy":"2026-11-27T08:00:00.000001Z")"));
  EXPECT_THAT(sent_[2].body, HasSubstr(R"("givenUpBy":"2026-11-27T08:00:00.000001Z")"));
  EXPECT_EQ(out(),
            "queued again: 500, remaining: 3\n"
            "queued again: 501, dropped as stale: 1, remaining: 1\n"
            "queued again: 501, dropped as stale: 2, remaining: 0\n");
}

TEST_F(MessageDeliveryTest, WantsOneOrAll) {
  EXPECT_EQ(RunWith({"message", "replay"}), ExitCode::kUsage);
  EXPECT_EQ(RunWith({"message", "replay", "--all", kMessageName}), ExitCode::kUsage);
  EXPECT_EQ(RunWith({"message", "replay", kMessageName, "--reason", "X"}), ExitCode::kUsage);
  EXPECT_EQ(RunWith({"message", "replay", "--all", "--request-id", "6f1b1f0e-0000-4000-8000-000000000003"}),
            ExitCode::kUsage)
      << "many calls have no id in common";
  EXPECT_EQ(RunWith({"message", "show", "messages/1/../x"}), ExitCode::kUsage);
}

}  // namespace
}  // namespace lumbar::cli
