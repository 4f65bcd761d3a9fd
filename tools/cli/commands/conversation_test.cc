// `lumbar conversation`: what is sent, what is printed, how it ends.
#include <gmock/gmock.h>

#include "tools/cli/testing.h"

namespace lumbar::cli {
namespace {

using ::testing::AllOf;
using ::testing::DoAll;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Return;
using ::testing::SaveArg;

constexpr char kConversationName[] = "conversations/6f1b1f0e-0000-4000-8000-000000000001";
constexpr char kConversation[] = R"({"name":"conversations/6f1b1f0e-0000-4000-8000-000000000001",
  "number":"+12125550123","state":"CONVERSATION_STATE_WAITING","urgency":"CONVERSATION_URGENCY_EMERGENCY",
  "waitingSince":"2026-11-27T08:00:00Z","textCount":1,"escalated":true,"etag":"v2"})";

class ConversationTest : public CommandLineTest {
 protected:
  void Answer(const std::string& body) {
    EXPECT_CALL(http_, Send).WillOnce(DoAll(SaveArg<0>(&sent_), Return(HttpAnswer{200, body})));
  }
  HttpRequest sent_;
};

TEST_F(ConversationTest, ListsThemWithoutTheirNumbers) {
  Answer(std::string(R"({"conversations":["x"],"entries":[)") + kConversation + R"(],"nextPageToken":"more"})");
  EXPECT_EQ(RunWith({"conversation", "list", "--state", "waiting", "--urgency", "emergency", "--assignee", "staff/1"}),
            ExitCode::kOk)
      << err();
  EXPECT_THAT(sent_.url, HasSubstr("/v1/conversations?state=CONVERSATION_STATE_WAITING&"
                                   "urgency=CONVERSATION_URGENCY_EMERGENCY&assignee=staff%2F1"));
  EXPECT_THAT(out(), AllOf(HasSubstr("waiting"), HasSubstr("emergency"), HasSubstr("2026-11-27T08:00:00Z"),
                           HasSubstr(kConversationName), HasSubstr("more"), Not(HasSubstr("555"))));
}

TEST_F(ConversationTest, ShowsWhatWasWrittenAndWhatBecameOfTheAnswer) {
  Answer(std::string(R"({"conversation":)") + kConversation + R"(,"texts":[
    {"position":2,"direction":"TEXT_DIRECTION_OUTBOUND","author":"staff/1","text":"Call us",
     "createTime":"2026-11-27T08:05:00Z","delivery":"MESSAGE_STATE_DELIVERED"},
    {"position":1,"direction":"TEXT_DIRECTION_INBOUND","text":"can't\u001b[2J pee","urgency":
     "CONVERSATION_URGENCY_EMERGENCY","createTime":"2026-11-27T08:00:00Z","automaticAnswer":"Call 911 now","cut":true}]})");
  EXPECT_EQ(RunWith({"conversation", "show", kConversationName}), ExitCode::kOk) << err();
  EXPECT_THAT(out(), AllOf(HasSubstr("+12125550123"), HasSubstr("staff/1, delivered\n  Call us"),
                           HasSubstr("patient, emergency, cut\n"), HasSubstr("answered at once: Call 911 now"),
                           HasSubstr("v2"), Not(HasSubstr("\x1b"))));
}

TEST_F(ConversationTest, PrintsTheServersJsonAndNothingElse) {
  Answer(kConversation);
  EXPECT_EQ(RunWith({"conversation", "close", kConversationName, "-o", "json"}), ExitCode::kOk) << err();
  EXPECT_EQ(out(), std::string(kConversation) + "\n");
}

TEST_F(ConversationTest, ChangesWhatWasShownAndNothingLater) {
  const std::string id = "6f1b1f0e-0000-4000-8000-000000000002";
  Answer(R"({"name":"messages/6f1b1f0e-0000-4000-8000-000000000003"})");
  EXPECT_EQ(
      RunWith({"conversation", "reply", kConversationName, "--text", "Call us", "--etag", "v2", "--request-id", id}),
      ExitCode::kOk)
      << err();
  EXPECT_THAT(sent_.url, HasSubstr(std::string(kConversationName) + ":reply"));
  EXPECT_THAT(sent_.body, AllOf(HasSubstr(R"("text":"Call us")"), HasSubstr(R"("etag":"v2")"), HasSubstr(id)));
  Answer(kConversation);
  EXPECT_EQ(RunWith({"conversation", "assign", kConversationName, "--to", "staff/1"}), ExitCode::kOk) << err();
  EXPECT_THAT(sent_.url, HasSubstr(std::string(kConversationName) + ":assign"));
  EXPECT_THAT(sent_.body, HasSubstr(R"("assignee":"staff/1")"));
}

TEST_F(ConversationTest, SendsNothingThatIsNoConversation) {
  EXPECT_EQ(RunWith({"conversation", "show", "messages/1"}), ExitCode::kUsage);
  EXPECT_EQ(RunWith({"conversation", "reply", kConversationName}), ExitCode::kUsage);
  EXPECT_EQ(RunWith({"conversation", "list", "--state", "lost"}), ExitCode::kUsage);
}

}  // namespace
}  // namespace lumbar::cli
