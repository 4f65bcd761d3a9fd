// `lumbar consult list|accept|decline|watch`: what is sent, what is printed, how it ends.
#include <gmock/gmock.h>

#include <algorithm>

#include "common/status/matchers.h"
#include "tools/cli/gateway.h"
#include "tools/cli/testing.h"

namespace lumbar::cli {
namespace {

using ::testing::AllOf;
using ::testing::DoAll;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Return;
using ::testing::SaveArg;

constexpr char kConsultName[] = "consults/8c5ab2f0-1c6e-4b1f-9a51-0c7f3f8a0001";
constexpr char kId[] = "8c5ab2f0-1c6e-4b1f-9a51-0c7f3f8a0002";

std::string ConsultIn(const std::string& state, const std::string& more = "") {
  return std::string(R"({"name":")") + kConsultName + R"(","state":"CONSULT_STATE_)" + state + "\"" + more + "}";
}
std::string Event(const std::string& consult, const std::string& token) {
  return "id: " + token + "\ndata: {" + (consult.empty() ? "" : "\"consult\":" + consult + ",") + R"("resumeToken":")" +
         token + "\"}\n\n";
}

class ConsultTest : public CommandLineTest {
 protected:
  void Answer(const std::string& body) {
    EXPECT_CALL(http_, Send).WillOnce(DoAll(SaveArg<0>(&sent_), Return(HttpAnswer{200, body})));
  }
  // One connection of a stream.
  auto Streams(const std::vector<std::string>& pieces) {
    return [this, pieces](const HttpRequest& request, absl::FunctionRef<bool(absl::string_view)> take) {
      followed_.push_back(request.url);
      for (const auto& piece : pieces) {
        if (!take(piece)) break;
      }
      return absl::StatusOr<HttpAnswer>(HttpAnswer{200, ""});
    };
  }
  HttpRequest sent_;
  std::vector<std::string> followed_;
};

TEST_F(ConsultTest, ListsAWorklistByUrgency) {
  Answer(R"({"consults":[)" +
         ConsultIn("ESCALATED", R"(,"createTime":"2026-11-27T08:00:00Z","respondByTime":"2026-11-27T08:30:00Z",
           "handler":"staff/17","assessment":{"level":"LEVEL_CONSULTATION_24","actByTime":"2026-11-28T08:00:00Z"})") +
         "," + ConsultIn("BOOKED", R"(,"createTime":"2026-11-27T09:00:00Z")") + R"(],"nextPageToken":"more"})");
  EXPECT_EQ(RunWith({"consult", "list", "--view", "worklist", "--clinician", "clinicians/maya-chen", "--order",
                     "urgency", "--state", "booked", "--state", "in_visit", "--page-size", "2"}),
            ExitCode::kOk)
      << err();
  EXPECT_THAT(sent_.url, HasSubstr("/v1/consults?states=CONSULT_STATE_BOOKED&states=CONSULT_STATE_IN_VISIT&"
                                   "view=CONSULT_VIEW_WORKLIST&clinician=clinicians%2Fmaya-chen&"
                                   "order=CONSULT_ORDER_URGENCY&pageSize=2"));
  EXPECT_THAT(out(), AllOf(HasSubstr("escalated"), HasSubstr("2026-11-27T08:30:00Z"), HasSubstr("2026-11-28T08:00:00Z"),
                           HasSubstr("staff/17"), HasSubstr("unknown"), HasSubstr(kConsultName), HasSubstr("more")));
}

TEST_F(ConsultTest, ListsTheStaffsQueue) {
  Answer("{}");
  EXPECT_EQ(RunWith({"consult", "list", "--view", "staff_queue"}), ExitCode::kOk) << err();
  EXPECT_THAT(sent_.url, HasSubstr("/v1/consults?view=CONSULT_VIEW_STAFF_QUEUE"));
}

TEST_F(ConsultTest, OfAnEmergencyTellsWhatToDoAndNotHowTheStaffCallsIt) {
  Answer(ConsultIn("EMERGENCY", R"(,"escalationReason":"EMERGENCY_NOT_BOOKABLE","guidance":"Call 911 now.")"));
  EXPECT_EQ(RunWith({"consult", "show", kConsultName}), ExitCode::kEmergency) << err();
  EXPECT_THAT(out(), AllOf(HasSubstr("Call 911 now."), Not(HasSubstr("For staff"))));
}

TEST_F(ConsultTest, TakesAConsultOn) {
  Answer(ConsultIn("ESCALATED", R"(,"handler":"staff/17","escalationReason":"NO_SLOT_BEFORE_ACT_BY")"));
  EXPECT_EQ(RunWith({"consult", "accept", kConsultName, "--request-id", kId}), ExitCode::kOk) << err();
  EXPECT_THAT(sent_.url, HasSubstr(std::string(kConsultName) + ":accept"));
  EXPECT_THAT(sent_.body, HasSubstr(kId));
  EXPECT_THAT(out(), HasSubstr("Looked after by: staff/17"));
}

TEST_F(ConsultTest, DeclinesWithAReason) {
  Answer(ConsultIn("OFFERED", R"(,"declines":[{"clinician":"clinicians/maya-chen","reason":"on leave"}])"));
  EXPECT_EQ(RunWith({"consult", "decline", kConsultName, "--reason", "on leave", "--request-id", kId}), ExitCode::kOk)
      << err();
  EXPECT_THAT(sent_.url, HasSubstr(std::string(kConsultName) + ":decline"));
  EXPECT_THAT(sent_.body, AllOf(HasSubstr(R"("reason":"on leave")"), HasSubstr(kId)));
  EXPECT_THAT(out(), HasSubstr("clinicians/maya-chen declined: on leave"));
}

TEST_F(ConsultTest, SendsNothingThatIsWrong) {
  EXPECT_EQ(RunWith({"consult", "decline", kConsultName}), ExitCode::kUsage) << "without a reason";
  EXPECT_EQ(RunWith({"consult", "list", "--view", "mine"}), ExitCode::kUsage);
  EXPECT_EQ(RunWith({"consult", "list", "--order", "oldest"}), ExitCode::kUsage);
  EXPECT_EQ(RunWith({"consult", "watch", "articles/1"}), ExitCode::kUsage);
  EXPECT_EQ(RunWith({"consult", "watch"}), ExitCode::kUsage) << "what?";
  EXPECT_EQ(RunWith({"consult", "watch", kConsultName, "--view", "worklist"}), ExitCode::kUsage) << "one or the other";
}

TEST_F(ConsultTest, WatchesUntilTheConsultIsOver) {
  const std::string offered = Event(ConsultIn("OFFERED"), "one");
  // In pieces of any size.
  EXPECT_CALL(http_, Follow)
      .WillOnce(Streams({offered.substr(0, 9), offered.substr(9) + Event("", "two"),
                         Event(ConsultIn("CANCELLED"), "three"), Event(ConsultIn("BOOKED"), "four")}));
  EXPECT_EQ(RunWith({"consult", "watch", kConsultName}), ExitCode::kOk) << err();
  EXPECT_THAT(followed_[0], HasSubstr(std::string(kConsultName) + ":watch"));
  EXPECT_THAT(out(), AllOf(HasSubstr("offered"), HasSubstr("cancelled"), Not(HasSubstr("booked"))));
}

TEST_F(ConsultTest, GoesOnWatchingWhereAStreamWasCut) {
  const std::string ended = R"(event: error
data: {"error":{"code":503,"status":"UNAVAILABLE","message":"the stream ends here","details":[]}}

)";
  EXPECT_CALL(http_, Follow)
      .WillOnce(Streams({Event(ConsultIn("OFFERED"), "one"), Event("", "two"), ended}))
      .WillOnce(Streams({Event(ConsultIn("CANCELLED"), "three")}));
  EXPECT_EQ(RunWith({"consult", "watch", kConsultName, "-o", "json"}), ExitCode::kOk) << err();
  EXPECT_THAT(followed_[1], HasSubstr("resumeToken=two"));
  EXPECT_THAT(out(), AllOf(HasSubstr("CONSULT_STATE_OFFERED"), HasSubstr("CONSULT_STATE_CANCELLED")));
}

TEST_F(ConsultTest, GivesUpWatchingWhereNothingComesOrItMayNot) {
  EXPECT_CALL(http_, Follow).WillOnce(Streams({}));
  EXPECT_EQ(RunWith({"consult", "watch", kConsultName}), ExitCode::kServerFailed);
  const std::string refused = R"({"error":{"code":403,"status":"PERMISSION_DENIED","message":"no","details":[]}})";
  EXPECT_CALL(http_, Follow).WillOnce(Return(HttpAnswer{403, refused}));
  EXPECT_EQ(RunWith({"consult", "watch", kConsultName}), ExitCode::kRefused);
}

TEST_F(ConsultTest, GoesOnAfterEverLongerPausesAndGivesUpInTheEnd) {
  const std::string full = R"({"error":{"code":429,"status":"RESOURCE_EXHAUSTED","message":"full","details":[]}})";
  EXPECT_CALL(http_, Follow)
      .WillOnce(Streams({Event(ConsultIn("OFFERED"), "one")}))
      .WillOnce(Return(HttpAnswer{429, full}))
      .WillOnce(Return(absl::UnavailableError("restarting")))
      .WillOnce(Streams({Event("", "two")}))
      .WillRepeatedly(Return(absl::UnavailableError("down")));
  EXPECT_EQ(RunWith({"consult", "watch", kConsultName}), ExitCode::kServerFailed);
  ASSERT_EQ(pauses_.size(), 3u + kMostVainTries) << "counted anew once something has come";
  EXPECT_THAT(followed_[1], HasSubstr("resumeToken=one"));
  EXPECT_LE(pauses_[3], absl::Milliseconds(500));
  for (size_t i = 3; i < pauses_.size(); ++i) {
    EXPECT_GE(pauses_[i], std::min(absl::Seconds(5), absl::Milliseconds(250) * (1 << (i - 3))));
    EXPECT_LE(pauses_[i], absl::Seconds(10));
  }
}

TEST_F(ConsultTest, WatchesAListFromHowItStandsOn) {
  const auto change = [](const std::string& what, const std::string& token) {
    return "id: " + token + "\ndata: {" + what + R"("resumeToken":")" + token + "\"}\n\n";
  };
  const std::string ended = R"({"error":{"code":403,"status":"PERMISSION_DENIED","message":"no","details":[]}})";
  EXPECT_CALL(http_, Follow)
      .WillOnce(Streams({change("", "one"), change("\"consult\":" + ConsultIn("ESCALATED") + ",", "two"),
                         change(R"("removed":"consults/gone",)", "three")}))
      .WillOnce(Return(HttpAnswer{403, ended}));
  Answer(R"({"consults":[)" + ConsultIn("BOOKED") + "]}");
  EXPECT_EQ(RunWith({"consult", "watch", "--view", "worklist", "--clinician", "clinicians/maya"}), ExitCode::kRefused);
  EXPECT_THAT(followed_[0], HasSubstr("/v1/consults:watch?view=CONSULT_VIEW_WORKLIST&clinician=clinicians%2Fmaya"));
  EXPECT_THAT(sent_.url, HasSubstr("/v1/consults?view=CONSULT_VIEW_WORKLIST&clinician=clinicians%2Fmaya&"
                                   "order=CONSULT_ORDER_URGENCY&pageSize=200"));
  EXPECT_THAT(out(), ::testing::ContainsRegex("booked(.|\n)*escalated(.|\n)*removed  consults/gone"));
}

TEST_F(ConsultTest, WritesAListsChangesAsTheyCameALineEach) {
  const std::string ended = R"({"error":{"code":403,"status":"PERMISSION_DENIED","message":"no","details":[]}})";
  EXPECT_CALL(http_, Follow)
      .WillOnce(Streams({"data: {\"resumeToken\":\"one\"}\n\n", "data: {\"removed\":\"consults/gone\"}\n\n"}))
      .WillOnce(Return(HttpAnswer{403, ended}));
  EXPECT_EQ(RunWith({"consult", "watch", "--view", "staff_queue", "-o", "json"}), ExitCode::kRefused);
  EXPECT_EQ(out(), "{\"resumeToken\":\"one\"}\n{\"removed\":\"consults/gone\"}\n");
}

TEST_F(ConsultTest, EndsWithTheCodeOfAnEmergency) {
  EXPECT_CALL(http_, Follow).WillOnce(Streams({Event(ConsultIn("EMERGENCY"), "one")}));
  EXPECT_EQ(RunWith({"consult", "watch", kConsultName}), ExitCode::kEmergency);
}

constexpr char kGrant[] = "accessGrants/8c5ab2f0-1c6e-4b1f-9a51-0c7f3f8a0003";

class BreakGlassTest : public ConsultTest {
 protected:
  // The server answers these, one after the other.
  void Script(const std::vector<std::string>& answers) {
    EXPECT_CALL(http_, Send).WillRepeatedly([this, answers](const HttpRequest& request) -> absl::StatusOr<HttpAnswer> {
      sent_all_.push_back(request);
      return HttpAnswer{200, answers.at(sent_all_.size() - 1)};
    });
  }
  static std::string GrantIn(const std::string& more = "") {
    return std::string(R"({"name":")") + kGrant + R"(","consult":")" + kConsultName +
           R"(","holder":"clinicians/omar","reason":"covers tonight","createTime":"2026-11-27T20:00:00Z",)" +
           R"("expireTime":"2026-11-27T20:30:00Z")" + more + "}";
  }
  std::vector<HttpRequest> sent_all_;
};

TEST_F(BreakGlassTest, OpensAConsultForAReasonAndShowsIt) {
  Script({GrantIn(), ConsultIn("BOOKED")});
  EXPECT_EQ(RunWith({"consult", "show", kConsultName, "--break-glass", "covers tonight", "--minutes", "5"}),
            ExitCode::kOk)
      << err();
  ASSERT_EQ(sent_all_.size(), 2u);
  EXPECT_THAT(sent_all_[0].method + " " + sent_all_[0].url, HasSubstr("POST http://127.0.0.1:8080/v1/consults/"));
  EXPECT_THAT(sent_all_[0].url, HasSubstr(":breakGlass"));
  EXPECT_THAT(sent_all_[0].body, AllOf(HasSubstr("covers tonight"), HasSubstr(R"("lifetimeMinutes":5)")));
  EXPECT_EQ(sent_all_[1].method, "GET");
  EXPECT_THAT(err(), HasSubstr("open to you until 2026-11-27T20:30:00Z"));
}

TEST_F(BreakGlassTest, PrintsTheConsultAloneAsJson) {
  Script({GrantIn(), ConsultIn("BOOKED")});
  EXPECT_EQ(RunWith({"consult", "show", kConsultName, "--break-glass", "covers tonight", "-o", "json"}), ExitCode::kOk);
  EXPECT_EQ(out(), ConsultIn("BOOKED") + "\n");
  EXPECT_EQ(err(), "");
}

TEST_F(BreakGlassTest, ListsAndRevokesGrants) {
  Script({R"({"grants":[)" + GrantIn() + R"(],"nextPageToken":"more"})",
          GrantIn(R"(,"revokeTime":"2026-11-27T20:10:00Z","revoker":"staff/ann")")});
  EXPECT_EQ(RunWith({"access", "list", "--consult", kConsultName, "--holder", "clinicians/omar"}), ExitCode::kOk)
      << err();
  EXPECT_THAT(sent_all_[0].url, HasSubstr("/v1/accessGrants?consult=consults%2F8c5ab2f0"));
  EXPECT_THAT(out(), AllOf(HasSubstr("clinicians/omar"), HasSubstr("covers tonight"), HasSubstr("more")));
  EXPECT_EQ(RunWith({"access", "revoke", kGrant, "--request-id", kId}), ExitCode::kOk) << err();
  EXPECT_THAT(sent_all_[1].url, HasSubstr(std::string("/v1/") + kGrant + ":revoke"));
  EXPECT_EQ(out(), std::string(kGrant) + ": revoked 2026-11-27T20:10:00Z by staff/ann\n");
}

}  // namespace
}  // namespace lumbar::cli
