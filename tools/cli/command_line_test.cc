// Every command against a server that the test makes up: what is sent, what is printed, how it ends.
#include <absl/strings/str_cat.h>
#include <boost/asio.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <thread>

#include "common/status/matchers.h"
#include "tools/cli/curl_transport.h"
#include "tools/cli/testing.h"

namespace lumbar::cli {
namespace {

using ::testing::AllOf;
using ::testing::DoAll;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Return;
using ::testing::SaveArg;
using ::testing::StartsWith;

constexpr char kEmergency[] =
    R"({"level":"LEVEL_EMERGENCY","headline":"Go to an emergency room now","instructions":"Have someone drive you.",
        "firedRules":[{"id":"ce-1","level":"LEVEL_EMERGENCY","note":"Numbness where you sit.",
                       "sources":[{"title":"A guideline","doi":"10.1/x"}]}],
        "unansweredRedFlags":["fever"],"safetyNet":"Fainting.",
        "advice":[{"id":"ibuprofen","text":"Ibuprofen.","blockedBecause":"It can harm your kidneys."}]})";
constexpr char kName[] = "consults/8c5ab2f0-1c6e-4b1f-9a51-0c7f3f8a0001";

class CommandsTest : public CommandLineTest {
 protected:
  void Answer(int status, const std::string& body) {
    EXPECT_CALL(http_, Send).WillOnce(DoAll(SaveArg<0>(&sent_), Return(HttpAnswer{status, body})));
  }
  HttpRequest sent_;
};

TEST_F(CommandsTest, ExplainsAnEmergencyAndEndsWithItsOwnCode) {
  Answer(200, kEmergency);
  EXPECT_EQ(RunWith({"triage", "assess", "-"}, R"({"ageYears":40})"), ExitCode::kEmergency) << err();
  EXPECT_EQ(sent_.method + " " + sent_.url, "POST http://127.0.0.1:8080/v1/triage:assess");
  EXPECT_EQ(sent_.body, R"({"presentation":{"ageYears":40}})");
  EXPECT_THAT(out(), AllOf(HasSubstr("EMERGENCY: an emergency room now\n"), HasSubstr("Have someone drive you."),
                           HasSubstr("Numbness where you sit."), HasSubstr("A guideline, https://doi.org/10.1/x"),
                           HasSubstr("- fever"), HasSubstr("NOT FOR YOU: Ibuprofen."),
                           HasSubstr("Why not: It can harm your kidneys."), HasSubstr("Fainting.")));
}

TEST_F(CommandsTest, PrintsTheServersJsonAndNothingElse) {
  Answer(200, kEmergency);
  EXPECT_EQ(RunWith({"triage", "assess", "-", "-o", "json"}, "{}"), ExitCode::kEmergency);
  EXPECT_EQ(out(), std::string(kEmergency) + "\n");
  EXPECT_EQ(err(), "");
}

TEST_F(CommandsTest, SendsNothingThatItCannotRead) {
  EXPECT_EQ(RunWith({"triage", "assess", "-"}, R"({"agedYears":40})"), ExitCode::kUsage);
  EXPECT_EQ(RunWith({"triage", "assess", "/nonexistent"}), ExitCode::kUsage);
  EXPECT_EQ(RunWith({"triage", "assess", "/"}), ExitCode::kUsage);
  EXPECT_EQ(RunWith({"consult", "show", "consults/../articles"}), ExitCode::kUsage);
  EXPECT_EQ(RunWith({"consult", "choose", kName, "--clinician", "clinicians/a", "--start", "noon"}), ExitCode::kUsage);
  EXPECT_EQ(RunWith({"article", "list", "--token", "a\nHost: b"}), ExitCode::kUsage);
  EXPECT_THAT(err(), HasSubstr("[WRONG_INPUT]"));
}

TEST_F(CommandsTest, NamesTheWordThatIsNoCommand) {
  EXPECT_EQ(RunWith({"consult", "book"}), ExitCode::kUsage);
  EXPECT_THAT(err(), HasSubstr("lumbar: there is no \"book\" here [WRONG_INPUT]"));
  EXPECT_EQ(RunWith({"consults"}), ExitCode::kUsage);
  EXPECT_THAT(err(), HasSubstr("there is no \"consults\" here"));
  EXPECT_EQ(RunWith({"consult", "list", "--nowhere"}), ExitCode::kUsage);
  EXPECT_THAT(err(), HasSubstr("there is no \"--nowhere\" here"));
  EXPECT_EQ(RunWith({"consult"}), ExitCode::kUsage);
  EXPECT_THAT(err(), HasSubstr("A subcommand is required"));
}

TEST_F(CommandsTest, TellsMistakesAsJsonToo) {
  for (const std::vector<std::string>& form : {std::vector<std::string>{"-o", "json"}, {"-ojson"}, {"--output=json"}}) {
    std::vector<std::string> arguments = {"consult", "show", "no-name"};
    arguments.insert(arguments.end(), form.begin(), form.end());
    EXPECT_EQ(RunWith(arguments), ExitCode::kUsage);
    EXPECT_THAT(err(), AllOf(StartsWith(R"({"error":{"details":[)"), HasSubstr(R"("reason":"WRONG_INPUT")")))
        << form[0];
  }
}

TEST_F(CommandsTest, WaitsForATimeAndTakesIt) {
  const std::string name = "waitlistEntries/8c5ab2f0-1c6e-4b1f-9a51-0c7f3f8a0002";
  Answer(200, R"({"name":")" + name + R"(","entry":{"name":")" + name + R"(","state":"WAITLIST_STATE_WAITING"}})");
  EXPECT_EQ(RunWith({"waitlist", "join", "-", "--request-id", "8c5ab2f0-1c6e-4b1f-9a51-0c7f3f8a0003"},
                    R"({"visitType":"virtual-back-pain"})"),
            ExitCode::kOk)
      << err();
  EXPECT_EQ(sent_.method + " " + sent_.url, "POST http://127.0.0.1:8080/v1/waitlistEntries");
  EXPECT_EQ(out(), name + ": waiting\n");

  Answer(200, R"({"name":")" + name + R"(","state":"WAITLIST_STATE_OFFERED","offer":{"expireTime":
      "2026-11-24T17:15:00Z","slot":{"clinician":"clinicians/roe","clinicianDisplayName":"Ada Roe",
      "startTime":"2026-11-24T17:30:00Z","timeZone":"America/Los_Angeles"}}})");
  EXPECT_EQ(RunWith({"waitlist", "show", name}), ExitCode::kOk) << err();
  EXPECT_THAT(out(), AllOf(HasSubstr("On offer until Tue 24 Nov 2026 09:15 PST"), HasSubstr("Ada Roe")));

  Answer(200,
         R"({"entry":{"state":"WAITLIST_STATE_ACCEPTED"},"hold":{"name":"holds/8c5ab2f0-1c6e-4b1f-9a51-0c7f3f8a0004",
      "expireTime":"2026-11-24T17:20:00Z","slot":{"timeZone":"America/Los_Angeles"}}})");
  EXPECT_EQ(RunWith({"waitlist", "accept", name}), ExitCode::kOk) << err();
  EXPECT_EQ(sent_.url, "http://127.0.0.1:8080/v1/" + name + ":accept");
  EXPECT_THAT(out(), HasSubstr("holds/8c5ab2f0-1c6e-4b1f-9a51-0c7f3f8a0004"));

  Answer(200, R"({"name":")" + name + R"(","state":"WAITLIST_STATE_LEFT"})");
  EXPECT_EQ(RunWith({"waitlist", "leave", name}), ExitCode::kOk) << err();
  EXPECT_EQ(sent_.url, "http://127.0.0.1:8080/v1/" + name + ":leave");
  EXPECT_EQ(RunWith({"waitlist", "leave", "holds/../x"}), ExitCode::kUsage);
}

TEST_F(CommandsTest, SendsTheTokenItWasGiven) {
  Answer(200, "{}");
  EXPECT_EQ(RunWith({"article", "list", "--token", "abc"}), ExitCode::kOk) << err();
  EXPECT_EQ(sent_.token, "abc");
}

TEST_F(CommandsTest, TellsARefusalWithItsReasonAndFields) {
  Answer(400, R"({"error":{"code":400,"message":"the request is wrong","status":"INVALID_ARGUMENT","details":[
      {"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"INVALID_FIELD","domain":"lumbar"},
      {"@type":"type.googleapis.com/some.Later","x":1},
      {"@type":"type.googleapis.com/google.rpc.BadRequest",
       "fieldViolations":[{"field":"patient_state","description":"two letters"}]}]}})");
  EXPECT_EQ(RunWith({"slots", "--state", "Cal", "--age", "40"}), ExitCode::kRefused);
  EXPECT_EQ(err(), "lumbar: the request is wrong [INVALID_FIELD]\n  patient_state: two letters\n");
  EXPECT_EQ(out(), "");
}

TEST_F(CommandsTest, TellsWhatToDoWithoutAToken) {
  Answer(401, R"({"error":{"code":401,"message":"send a token","status":"UNAUTHENTICATED","details":[]}})");
  EXPECT_EQ(RunWith({"message", "list"}), ExitCode::kRefused);
  EXPECT_THAT(err(), HasSubstr("LUMBAR_TOKEN"));
}

TEST_F(CommandsTest, EndsAsAnEmergencyWhenABookingIsRefusedForOne) {
  Answer(400, R"({"error":{"code":400,"message":"call 911 or go to an ER","status":"FAILED_PRECONDITION","details":[
      {"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"EMERGENCY_NOT_BOOKABLE","domain":"lumbar"}]}})");
  EXPECT_EQ(RunWith({"consult", "choose", kName, "--clinician", "clinicians/a", "--start", "2026-11-24T17:30:00Z"}),
            ExitCode::kEmergency);
  EXPECT_THAT(sent_.url, HasSubstr(std::string("/v1/") + kName + ":chooseSlot"));
  EXPECT_THAT(sent_.body, HasSubstr(R"("startTime":"2026-11-24T17:30:00Z")"));
}

TEST_F(CommandsTest, SaysHowToAskAgainWhenTheOutcomeIsUnknown) {
  Answer(504, "<html>a proxy's words</html>");
  EXPECT_EQ(RunWith({"consult", "cancel", kName}), ExitCode::kServerFailed);
  EXPECT_THAT(err(), AllOf(HasSubstr("add --request-id "), HasSubstr("[ANSWER_NOT_UNDERSTOOD]\n  --server or "),
                           Not(HasSubstr("<"))));
}

TEST_F(CommandsTest, TellsTimesInTheCliniciansZoneAndInUtc) {
  Answer(200, R"({"slots":[{"clinician":"clinicians/roe","clinicianDisplayName":"Dr. Ada Roe",
                  "startTime":"2026-11-24T17:30:00Z","timeZone":"America/Los_Angeles"}],"nextPageToken":"p2"})");
  EXPECT_EQ(RunWith({"slots", "--state", "CA", "--age", "40", "--from", "2026-11-24T00:00:00-08:00"}), ExitCode::kOk);
  EXPECT_THAT(out(), AllOf(HasSubstr("Tue 24 Nov 2026 09:30 PST  2026-11-24T17:30:00Z\n"), HasSubstr("p2")));
  EXPECT_THAT(sent_.body, AllOf(HasSubstr(R"("patientState":"CA")"), HasSubstr(R"("visitType":"virtual-back-pain")"),
                                HasSubstr(R"("startTime":"2026-11-24T08:00:00Z")")));
}

TEST_F(CommandsTest, OffersTheCommandThatBooks) {
  Answer(200, std::string(R"({"name":")") + kName + R"(","state":"CONSULT_STATE_OFFERED","guidance":"Pick a time.",
      "offers":[{"clinician":"clinicians/roe","startTime":"2026-11-24T17:30:00Z","timeZone":"America/New_York"}]})");
  EXPECT_EQ(RunWith({"consult", "request", "-", "--request-id", "8c5ab2f0-1c6e-4b1f-9a51-0c7f3f8a0002"}, "{}"),
            ExitCode::kOk);
  EXPECT_EQ(sent_.body, R"({"requestId":"8c5ab2f0-1c6e-4b1f-9a51-0c7f3f8a0002"})");
  EXPECT_THAT(out(), HasSubstr(std::string("lumbar consult choose ") + kName +
                               " --clinician clinicians/roe --start 2026-11-24T17:30:00Z"));
}

TEST_F(CommandsTest, TellsAConsultsTimesInThePatientsZone) {
  const std::string slot =
      R"({"clinician":"clinicians/roe","startTime":"2026-11-24T17:30:00Z","timeZone":"America/New_York"})";
  Answer(200, std::string(R"({"name":")") + kName + R"(","state":"CONSULT_STATE_BOOKED","offers":[)" + slot +
                  R"(],"chosenSlot":)" + slot + R"(,"contact":{"timeZone":"America/Los_Angeles"}})");
  EXPECT_EQ(RunWith({"consult", "show", kName}), ExitCode::kOk);
  EXPECT_THAT(out(), AllOf(HasSubstr("(clinicians/roe), Tue 24 Nov 2026 09:30 PST, 2026-11-24T17:30:00Z"),
                           HasSubstr("Tue 24 Nov 2026 09:30 PST  2026-11-24T17:30:00Z"), Not(HasSubstr("EST"))));
}

TEST_F(CommandsTest, EscapesWhatGoesIntoAQuery) {
  Answer(200, "{}");
  EXPECT_EQ(RunWith({"message", "list", "--page-token", "a&b="}), ExitCode::kOk);
  EXPECT_THAT(sent_.url, HasSubstr("/v1/messages?pageToken=a%26b%3D"));
}

TEST_F(CommandsTest, ShowsAnArticleAsTextOrAsHtml) {
  const std::string article = R"({"name":"articles/sciatica","title":"Sciatica\u001b[31m","readingMinutes":4,
      "bodyHtml":"<p>Hi</p>","references":[{"title":"R","doi":"10.1/y"}]})";
  Answer(200, article);
  EXPECT_EQ(RunWith({"article", "show", "articles/sciatica"}), ExitCode::kOk);
  EXPECT_THAT(out(), AllOf(HasSubstr("4 min to read"), HasSubstr("https://doi.org/10.1/y"), Not(HasSubstr("\x1b"))));
  Answer(200, article);
  EXPECT_EQ(RunWith({"article", "show", "articles/sciatica", "--html"}), ExitCode::kOk);
  EXPECT_EQ(out(), "<p>Hi</p>\n");
}

TEST(CurlTransportTest, SaysThatNobodyAnswers) {
  CurlTransport http;
  EXPECT_THAT(http.Send({"GET", "http://127.0.0.1:1/", "", ""}),
              FailsWith(absl::StatusCode::kUnavailable, "SERVER_UNREACHABLE"));
  EXPECT_THAT(http.Send({"GET", "file:///etc/hostname", "", ""}),
              FailsWith(absl::StatusCode::kInvalidArgument, "WRONG_INPUT"));
}

TEST(CurlTransportTest, SaysThatAGrpcPortIsNoGateway) {
  namespace asio = boost::asio;
  asio::io_context context;
  asio::ip::tcp::acceptor acceptor(context, {asio::ip::address_v4::loopback(), 0});
  std::thread grpc([&] {
    asio::ip::tcp::socket socket = acceptor.accept();
    const std::array<unsigned char, 9> settings = {0, 0, 0, 4, 0, 0, 0, 0, 0};
    asio::write(socket, asio::buffer(settings));
    std::array<char, 4096> request;
    boost::system::error_code ignored;
    socket.read_some(asio::buffer(request), ignored);
  });
  CurlTransport http;
  const std::string url = absl::StrCat("http://127.0.0.1:", acceptor.local_endpoint().port(), "/");
  EXPECT_THAT(http.Send({"GET", url, "", ""}), FailsWith(absl::StatusCode::kInternal, "ANSWER_NOT_UNDERSTOOD"));
  grpc.join();
}

}  // namespace
}  // namespace lumbar::cli
