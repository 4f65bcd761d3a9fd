#include "services/gateway/edge/grpc_web_dialect.h"

#include <absl/strings/escaping.h>
#include <gmock/gmock.h>

#include "common/rpc/grpc_wire.h"
#include "common/status/errors.h"
#include "services/gateway/edge/edge_handler_fixture.h"

namespace lumbar::gateway {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

constexpr absl::string_view kArticle = "/lumbar.content.v1.ContentService/GetArticle";

class GrpcWebDialectTest : public EdgeHandlerTest {
 protected:
  GrpcWebDialectTest() { upstream_.AnswerWith("response"); }

  static HttpRequest Post(std::string body, absl::string_view type) {
    HttpRequest request = Request(http::verb::post, kArticle, std::move(body));
    request.set(http::field::content_type, View(type));
    return request;
  }
  static std::string Frame(absl::string_view message) { return rpc::FrameOf(message); }
};

TEST_F(GrpcWebDialectTest, PassesMessagesThroughUndecodedAndEndsWithATrailer) {
  const HttpAnswer answer = Answer(Post(Frame("request"), "application/grpc-web+proto"));
  EXPECT_EQ(answer.result_int(), 200u);
  EXPECT_EQ(answer[http::field::content_type], "application/grpc-web+proto");
  EXPECT_EQ(upstream_.calls().front().request, "request");
  std::string trailer = Frame("grpc-status: 0\r\n");
  trailer.front() = '\x80';
  EXPECT_EQ(answer.body(), Frame("response") + trailer);
}

TEST_F(GrpcWebDialectTest, SpeaksBase64WithThoseWhoDo) {
  const HttpAnswer answer = Answer(Post(absl::Base64Escape(Frame("request")), "application/grpc-web-text"));
  EXPECT_EQ(answer[http::field::content_type], "application/grpc-web-text+proto");
  EXPECT_EQ(upstream_.calls().front().request, "request");
  std::string plain;
  ASSERT_TRUE(absl::Base64Unescape(answer.body(), &plain));
  EXPECT_THAT(plain, StartsWith(Frame("response")));
}

TEST_F(GrpcWebDialectTest, TranscodesJson) {
  content::v1::GetArticleResponse response;
  response.mutable_article()->set_title("Sciatica");
  upstream_.AnswerWith(response.SerializeAsString());
  const HttpAnswer answer = Answer(Post(Frame(R"({"name":"articles/a"})"), "application/grpc-web+json"));
  EXPECT_THAT(answer.body(), HasSubstr(R"({"article":{"title":"Sciatica"}})"));
  content::v1::GetArticleRequest request;
  ASSERT_TRUE(request.ParseFromString(upstream_.calls().front().request));
  EXPECT_EQ(request.name(), "articles/a");
}

TEST_F(GrpcWebDialectTest, TellsFailuresInTheTrailerOfA200) {
  upstream_.AnswerWith(WithReason(absl::NotFoundError("no 100 % match"), "ARTICLE_NOT_FOUND"));
  const HttpAnswer answer = Answer(Post(Frame(""), "application/grpc-web"));
  EXPECT_EQ(answer.result_int(), 200u);
  EXPECT_EQ(answer.body().front(), '\x80');
  EXPECT_THAT(answer.body(), HasSubstr("grpc-status: 5\r\ngrpc-message: no 100 %25 match\r\n"));
  EXPECT_THAT(answer.body(), HasSubstr("grpc-status-details-bin: "));
}

TEST_F(GrpcWebDialectTest, RefusesWhatIsNoFrame) {
  for (const std::string& body :
       {std::string(), std::string("x"), Frame("a") + Frame("b"), Frame("abc").substr(0, 6)}) {
    EXPECT_THAT(Answer(Post(body, "application/grpc-web")).body(), HasSubstr("grpc-status: 13"));
  }
  std::string compressed = Frame("x");
  compressed.front() = '\1';
  EXPECT_THAT(Answer(Post(compressed, "application/grpc-web")).body(), HasSubstr("grpc-status: 12"));
  EXPECT_THAT(Answer(Post("%%%", "application/grpc-web-text")).body(),
              StartsWith(absl::Base64Escape(absl::string_view("\x80\0\0", 3))));
  EXPECT_THAT(Answer(Post(Frame("x"), "application/grpc-web+thrift")).body(), HasSubstr("grpc-status: 3"));
  EXPECT_THAT(upstream_.calls(), IsEmpty());
}

TEST_F(GrpcWebDialectTest, GivesTheCallTheTimeThatTheClientGives) {
  HttpRequest request = Post(Frame(""), "application/grpc-web");
  request.set("Grpc-Timeout", "250m");
  Answer(request);
  EXPECT_EQ(upstream_.calls().back().time_left, absl::Milliseconds(250));
}

TEST_F(GrpcWebDialectTest, StreamsFramesAndEndsWithATrailerEachInBase64OfItsOwn) {
  booking::v1::WatchAppointmentsResponse message;
  message.set_resume_token("7");
  HttpRequest request = Post(absl::Base64Escape(Frame("")), "application/grpc-web-text");
  request.target("/lumbar.booking.v1.BookingService/WatchAppointments");
  Stream(request, message);
  EXPECT_EQ(Piece(), absl::Base64Escape(Frame(message.SerializeAsString())));
  upstream_.FinishStream(absl::OkStatus());
  std::string trailer = Frame("grpc-status: 0\r\n");
  trailer.front() = '\x80';
  EXPECT_EQ(Piece(), absl::Base64Escape(trailer));
  EXPECT_EQ(Piece(), std::nullopt);
}

}  // namespace
}  // namespace lumbar::gateway
