#include "services/gateway/edge/connect_dialect.h"

#include <absl/strings/escaping.h>
#include <gmock/gmock.h>
#include <google/rpc/error_details.pb.h>
#include <nlohmann/json.hpp>

#include "common/rpc/grpc_wire.h"
#include "common/status/errors.h"
#include "services/gateway/edge/edge_handler_fixture.h"

namespace lumbar::gateway {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;
using Json = nlohmann::json;

constexpr absl::string_view kGet = "/lumbar.content.v1.ContentService/GetArticle";
constexpr absl::string_view kHold = "/lumbar.booking.v1.BookingService/CreateHold";

constexpr absl::string_view kWatch = "/lumbar.booking.v1.BookingService/WatchAppointments";

class ConnectDialectTest : public EdgeHandlerTest {
 protected:
  ConnectDialectTest() {
    content::v1::GetArticleResponse response;
    response.mutable_article()->set_title("Sciatica");
    upstream_.AnswerWith(response.SerializeAsString());
  }

  static HttpRequest Post(absl::string_view path, std::string body, absl::string_view type = "application/json") {
    HttpRequest request = Request(http::verb::post, path, std::move(body));
    request.set(http::field::content_type, View(type));
    return request;
  }

  static std::string CodeIn(const HttpAnswer& answer) { return Json::parse(answer.body())["code"]; }

  content::v1::GetArticleRequest Asked() {
    content::v1::GetArticleRequest request;
    EXPECT_THAT(upstream_.calls(), SizeIs(1));
    EXPECT_TRUE(request.ParseFromString(upstream_.calls().back().request));
    return request;
  }
};

TEST_F(ConnectDialectTest, AnswersJsonWithJson) {
  const HttpAnswer answer = Answer(Post(kGet, R"({"name":"articles/sciatica"})"));
  EXPECT_EQ(answer.result_int(), 200u);
  EXPECT_EQ(answer[http::field::content_type], "application/json");
  EXPECT_EQ(Json::parse(answer.body())["article"]["title"], "Sciatica");
  EXPECT_EQ(Asked().name(), "articles/sciatica");
  EXPECT_EQ(upstream_.calls().front().method, kGet);
}

TEST_F(ConnectDialectTest, PassesBinaryMessagesThroughUndecoded) {
  const std::string not_even_a_message = "\xff\xff";
  const HttpAnswer answer = Answer(Post(kGet, not_even_a_message, "application/proto"));
  EXPECT_EQ(answer[http::field::content_type], "application/proto");
  EXPECT_EQ(upstream_.calls().front().request, not_even_a_message);
  content::v1::GetArticleResponse response;
  ASSERT_TRUE(response.ParseFromString(answer.body()));
  EXPECT_EQ(response.article().title(), "Sciatica");
}

TEST_F(ConnectDialectTest, ReadsWhatChangesNothingByGet) {
  const HttpAnswer answer =
      Get(absl::StrCat(kGet, "?connect=v1&encoding=json&message=%7B%22name%22:%22articles/a%22%7D"));
  EXPECT_EQ(answer.result_int(), 200u);
  EXPECT_EQ(answer[http::field::cache_control], "no-cache");
  EXPECT_FALSE(answer[http::field::etag].empty());
  EXPECT_EQ(Asked().name(), "articles/a");
}

TEST_F(ConnectDialectTest, ReadsBinaryMessagesByGetAsBase64) {
  content::v1::GetArticleRequest request;
  request.set_name("articles/b");
  const std::string message = absl::WebSafeBase64Escape(request.SerializeAsString());
  EXPECT_EQ(Get(absl::StrCat(kGet, "?encoding=proto&base64=1&message=", message)).result_int(), 200u);
  EXPECT_EQ(Asked().name(), "articles/b");
}

TEST_F(ConnectDialectTest, ChangesNothingByGet) {
  const HttpAnswer answer = Get(absl::StrCat(kHold, "?encoding=json&message=%7B%7D"));
  EXPECT_EQ(answer.result_int(), 405u);
  EXPECT_EQ(answer[http::field::allow], "POST");
  EXPECT_THAT(upstream_.calls(), IsEmpty());
}

TEST_F(ConnectDialectTest, KeepsPatientDataOutOfUrls) {
  const HttpAnswer answer = Get(
      "/lumbar.triage.v1.TriageService/Assess?encoding=json&message=%7B%22presentation%22:%7B%22ageYears%22:34%7D%7D");
  EXPECT_EQ(answer.result_int(), 400u);
  EXPECT_THAT(upstream_.calls(), IsEmpty());
}

TEST_F(ConnectDialectTest, TellsFailuresWithTheirDetails) {
  upstream_.AnswerWith(WithReason(absl::NotFoundError("there is no such article"), "ARTICLE_NOT_FOUND"));
  const HttpAnswer answer = Answer(Post(kGet, R"({"name":"articles/none"})"));
  EXPECT_EQ(answer.result_int(), 404u);
  EXPECT_EQ(answer[http::field::content_type], "application/json");
  const Json error = Json::parse(answer.body());
  EXPECT_EQ(error["code"], "not_found");
  EXPECT_EQ(error["message"], "there is no such article");
  EXPECT_EQ(error["details"][0]["type"], "google.rpc.ErrorInfo");
  EXPECT_EQ(error["details"][0]["debug"]["reason"], "ARTICLE_NOT_FOUND");
  std::string value;
  google::rpc::ErrorInfo info;
  ASSERT_TRUE(absl::Base64Unescape(error["details"][0]["value"].get<std::string>(), &value));
  ASSERT_TRUE(info.ParseFromString(value));
  EXPECT_EQ(info.reason(), "ARTICLE_NOT_FOUND");
}

TEST_F(ConnectDialectTest, SpellsCanceledAsConnectDoes) {
  upstream_.AnswerWith(absl::CancelledError("gone"));
  EXPECT_EQ(CodeIn(Answer(Post(kGet, "{}"))), "canceled");
}

TEST_F(ConnectDialectTest, RefusesWhatItDoesNotSpeak) {
  EXPECT_EQ(Answer(Post(kGet, "{}", "text/plain")).result_int(), 415u);
  EXPECT_EQ(Answer(Post(kGet, "{}", "application/connect+json")).result_int(), 415u);
  EXPECT_EQ(Answer(Post("/lumbar.content.v1.ContentService/Nothing", "{}")).result_int(), 404u);
  HttpRequest compressed = Post(kGet, "x");
  compressed.set(http::field::content_encoding, "gzip");
  EXPECT_EQ(CodeIn(Answer(compressed)), "unimplemented");
  HttpRequest newer = Post(kGet, "{}");
  newer.set("Connect-Protocol-Version", "2");
  EXPECT_EQ(CodeIn(Answer(newer)), "invalid_argument");
  EXPECT_EQ(CodeIn(Answer(Post(kGet, ""))), "invalid_argument");
  EXPECT_EQ(CodeIn(Answer(Post(kGet, R"({"nome":"x"})"))), "invalid_argument");
  EXPECT_EQ(Get(absl::StrCat(kGet, "?message=x")).result_int(), 400u);
  EXPECT_THAT(upstream_.calls(), IsEmpty());
}

TEST_F(ConnectDialectTest, GivesTheCallTheTimeThatTheClientGives) {
  HttpRequest request = Post(kGet, "{}");
  request.set("Connect-Timeout-Ms", "1500");
  Answer(request);
  EXPECT_EQ(upstream_.calls().back().time_left, absl::Milliseconds(1500));
  request.set("Connect-Timeout-Ms", "9999999999");
  Answer(request);
  EXPECT_EQ(upstream_.calls().back().time_left, Limits().max_call_time);
  for (const char* wrong : {"-1", "1e3", "99999999999", "soon"}) {
    request.set("Connect-Timeout-Ms", wrong);
    EXPECT_EQ(CodeIn(Answer(request)), "invalid_argument") << wrong;
  }
}

TEST_F(ConnectDialectTest, StreamsEnvelopesAndEndsWithOneOfItsOwn) {
  booking::v1::WatchAppointmentsResponse message;
  message.set_resume_token("7");
  const HttpAnswer head =
      Stream(Post(kWatch, rpc::FrameOf(absl::string_view("{}")), "application/connect+json"), message);
  EXPECT_EQ(head[http::field::content_type], "application/connect+json");
  EXPECT_EQ(Piece(), rpc::FrameOf(absl::string_view(R"({"resumeToken":"7"})")));
  upstream_.FinishStream(absl::OkStatus());
  std::string end = rpc::FrameOf(absl::string_view("{}"));
  end.front() = '\2';
  EXPECT_EQ(Piece(), end);
  EXPECT_EQ(Piece(), std::nullopt);
}

TEST_F(ConnectDialectTest, TellsTheFailureOfAStreamInItsEnd) {
  const HttpAnswer malformed = Answer(Post(kWatch, "no envelope", "application/connect+proto"));
  EXPECT_EQ(malformed.result_int(), 200u);
  EXPECT_EQ(malformed.body().front(), '\2');
  EXPECT_THAT(malformed.body(), ::testing::HasSubstr(R"({"error":{"code":"internal",)"));
  EXPECT_EQ(Answer(Post(kWatch, "{}")).result_int(), 415u) << "a stream by the content type of a unary call";
  EXPECT_EQ(Get(kWatch).result_int(), 405u);
  HttpRequest late = Post(kWatch, rpc::FrameOf(absl::string_view("{}")), "application/connect+json");
  late.set("Connect-Timeout-Ms", "soon");
  EXPECT_EQ(Answer(late)[http::field::content_type], "application/connect+json");
  EXPECT_THAT(upstream_.calls(), IsEmpty());
}

TEST_F(ConnectDialectTest, OffersNoProvidersCallbackWhoseSignatureRestsOnItsAddress) {
  EXPECT_EQ(Answer(Post("/lumbar.notification.v1.NotificationService/ReceiveCallback", "{}")).result_int(), 501u);
}

}  // namespace
}  // namespace lumbar::gateway
