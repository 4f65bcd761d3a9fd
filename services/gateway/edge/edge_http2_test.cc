#include <gmock/gmock.h>

#include <future>
#include <thread>

#include "common/http2/testing/client.h"
#include "common/rpc/grpc_wire.h"
#include "common/status/errors.h"
#include "services/gateway/edge/edge_fixture.h"

namespace lumbar::gateway {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr absl::string_view kGet = "/lumbar.content.v1.ContentService/GetArticle";
constexpr absl::string_view kWatchCall = "/lumbar.booking.v1.BookingService/WatchAppointments";
constexpr http2::Field kGrpc = {"content-type", "application/grpc"};

class EdgeHttp2Test : public EdgeTest {
 protected:
  static std::string Frame(absl::string_view message) { return rpc::FrameOf(message); }

  // One call of gRPC's.
  http2::Answered Call(absl::string_view path, std::string body, std::vector<http2::Field> fields = {}) {
    http2::TestClient client(edge_->port());
    fields.insert(fields.begin(), kGrpc);
    return client.Await(client.Begin(path, std::move(body), fields));
  }

  // The same as far as the service, which hasn't answered.
  int32_t Reach(http2::TestClient& client, absl::string_view path) {
    const int32_t id = client.Begin(path, Frame("request"), {kGrpc});
    client.Send();
    upstream_.WaitForCalls(1);
    return id;
  }
};

TEST_F(EdgeHttp2Test, AnswersHttp2OnThePortOfHttp1) {
  Start();
  http2::TestClient client(edge_->port());
  const auto& answer = client.Await(client.Begin("/healthz", "", {}, true, "GET"));
  EXPECT_EQ(answer.header.at(":status"), "200");
  EXPECT_EQ(answer.header.at("content-type"), "application/json");
  EXPECT_EQ(answer.header.at("content-length"), "20");
  EXPECT_FALSE(answer.header.at("x-request-id").empty());
  EXPECT_THAT(answer.body, HasSubstr("serving"));
  EXPECT_EQ(RawClient(edge_->port()).Exchange(kHealth)->result_int(), 200u);
}

TEST_F(EdgeHttp2Test, TellsTheLengthToHeadAndSendsNoBody) {
  Start();
  http2::TestClient client(edge_->port());
  const auto& answer = client.Await(client.Begin("/healthz", "", {}, true, "HEAD"));
  EXPECT_EQ(answer.header.at("content-length"), "20");
  EXPECT_THAT(answer.body, IsEmpty());
}

TEST_F(EdgeHttp2Test, KnowsTheProtocolHoweverItsFirstBytesCome) {
  Start();
  RawClient post(edge_->port());
  for (const char* part : {"P", "O", "ST /none HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n"}) post.Send(part);
  EXPECT_EQ(post.Exchange("\r\n")->result_int(), 404u);
  RawClient preface(edge_->port());
  for (const char* part : {"P", "R", "I * HTTP/2.0\r\n\r\nSM\r\n\r\n"}) preface.Send(part);
  EXPECT_FALSE(preface.Read()) << "HTTP/2's SETTINGS are no answer of HTTP/1.1";
  RawClient torn(edge_->port());
  torn.Send("PR");
  torn.EndSending();
  const absl::Time before = clock_.Now();
  EXPECT_TRUE(torn.IsClosed());
  EXPECT_LT(clock_.Now() - before, Limits().header_time / 2) << "nothing more can come";
}

TEST_F(EdgeHttp2Test, ForwardsGrpcUndecoded) {
  Start();
  upstream_.AnswerWith("response");
  const auto answer =
      Call(kGet, Frame("request"), {{"authorization", "Bearer x"}, {"grpc-timeout", "1500m"}, {"cookie", "secret"}});
  EXPECT_EQ(answer.header.at("content-type"), "application/grpc");
  EXPECT_FALSE(answer.header.at("x-request-id").empty());
  EXPECT_EQ(answer.body, Frame("response"));
  EXPECT_EQ(answer.trailer.at("grpc-status"), "0");
  const UpstreamCall call = upstream_.calls().at(0);
  EXPECT_EQ(call.method, kGet);
  EXPECT_EQ(call.request, "request");
  EXPECT_EQ(call.time_left, absl::Milliseconds(1500));
  EXPECT_THAT(call.metadata, testing::Contains(testing::Pair("authorization", "Bearer x")));
  EXPECT_THAT(call.metadata, testing::Not(testing::Contains(testing::Key("cookie"))));
}

TEST_F(EdgeHttp2Test, TellsFailuresOfGrpcWithTheirDetails) {
  Start();
  upstream_.AnswerWith(WithReason(absl::NotFoundError("none"), "ARTICLE_NOT_FOUND"));
  const auto answer = Call(kGet, Frame("request"));
  EXPECT_EQ(answer.header.at(":status"), "200");
  EXPECT_EQ(answer.header.at("grpc-status"), "5");
  EXPECT_EQ(answer.header.at("grpc-message"), "none");
  EXPECT_EQ(answer.header.count("grpc-status-details-bin"), 1u);
  EXPECT_THAT(log_.str(), HasSubstr(R"("protocol":"grpc")"));
  EXPECT_THAT(log_.str(), HasSubstr(R"("reason":"ARTICLE_NOT_FOUND")"));
}

TEST_F(EdgeHttp2Test, RefusesCallsOfGrpcThatCannotBe) {
  Start();
  EXPECT_EQ(Call("/lumbar.content.v1.ContentService/Nothing", Frame("")).header.at("grpc-status"), "12");
  EXPECT_EQ(Call(kGet, "no frame").header.at("grpc-status"), "13");
  EXPECT_EQ(Call(kGet, Frame(""), {{"grpc-timeout", "soon"}}).header.at("grpc-status"), "3");
  EXPECT_EQ(Call(kGet, Frame(std::string(256 * 1024 + 1, 'x'))).header.at("grpc-status"), "8");
  EXPECT_EQ(Call(kGet, Frame(""), {{"authorization", "a"}, {"authorization", "b"}}).header.at("grpc-status"), "3");
  EXPECT_THAT(upstream_.calls(), IsEmpty());
}

TEST_F(EdgeHttp2Test, StreamsFramesOfGrpcAndTellsTheEndInTheTrailer) {
  Start();
  http2::TestClient client(edge_->port());
  const int32_t id = Reach(client, kWatchCall);
  upstream_.Send("one");
  EXPECT_TRUE(client.Until([&] { return client.answer(id).body == Frame("one"); }));
  upstream_.Send("two");
  upstream_.FinishStream(WithReason(absl::UnavailableError("ended"), "STREAM_ENDED"));
  const auto& answer = client.Await(id);
  EXPECT_EQ(answer.body, Frame("one") + Frame("two"));
  EXPECT_EQ(answer.trailer.at("grpc-status"), "14");
  EXPECT_EQ(answer.trailer.count("grpc-status-details-bin"), 1u);
}

TEST_F(EdgeHttp2Test, TellsTheFailureOfAStreamThatNeverBegan) {
  Start();
  http2::TestClient client(edge_->port());
  const int32_t id = Reach(client, kWatchCall);
  upstream_.FinishStream(absl::UnauthenticatedError("no token"));
  EXPECT_EQ(client.Await(id).trailer.at("grpc-status"), "16");
}

TEST_F(EdgeHttp2Test, GivesAStreamUpWhenItsClientResetsIt) {
  Start();
  http2::TestClient client(edge_->port());
  const int32_t id = Reach(client, kWatchCall);
  upstream_.Send("one");
  EXPECT_TRUE(client.Until([&] { return !client.answer(id).body.empty(); }));
  client.Reset(id);
  client.Send();
  while (!upstream_.cancelled()) std::this_thread::yield();
}

TEST_F(EdgeHttp2Test, GivesUpWhatHasNotBegunWhenItsClientResetsIt) {
  Start();
  upstream_.Hold();
  http2::TestClient client(edge_->port());
  const int32_t call = Reach(client, kGet), stream = Reach(client, kWatchCall);
  upstream_.WaitForCalls(2);
  client.Reset(call);
  client.Reset(stream);
  client.Send();
  while (!upstream_.given_up() || !upstream_.cancelled()) std::this_thread::yield();
}

TEST_F(EdgeHttp2Test, EndsStreamsWhenItStops) {
  Start();
  http2::TestClient client(edge_->port());
  const int32_t id = Reach(client, kWatchCall);
  upstream_.Send("one");
  EXPECT_TRUE(client.Until([&] { return !client.answer(id).body.empty(); }));
  auto stopped = std::async(std::launch::async, [&] { edge_->Stop(absl::Seconds(30)); });
  EXPECT_EQ(client.Await(id).trailer.at("grpc-status"), "14");
  EXPECT_TRUE(client.Until([&] { return client.closed(); }));
  stopped.get();
}

TEST_F(EdgeHttp2Test, LetsARunningCallFinishWhenItStops) {
  Start();
  upstream_.AnswerWith("response");
  upstream_.Hold();
  http2::TestClient client(edge_->port());
  const int32_t id = Reach(client, kGet);
  auto stopped = std::async(std::launch::async, [&] { edge_->Stop(absl::Seconds(30)); });
  EXPECT_TRUE(client.Until([&] { return client.goaway().has_value(); }));
  upstream_.Release();
  EXPECT_EQ(client.Await(id).trailer.at("grpc-status"), "0");
  stopped.get();
}

TEST_F(EdgeHttp2Test, EndsWhatRunsStillWhenTheDrainIsOver) {
  Start();
  upstream_.Hold();
  http2::TestClient client(edge_->port());
  Reach(client, kGet);
  edge_->Stop(absl::Milliseconds(1));
  EXPECT_TRUE(client.Until([&] { return client.closed(); }));
}

}  // namespace
}  // namespace lumbar::gateway
