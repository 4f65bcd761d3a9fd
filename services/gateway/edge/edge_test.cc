#include "services/gateway/edge/edge.h"

#include <gmock/gmock.h>

#include <future>
#include <thread>

#include "services/gateway/edge/edge_fixture.h"

namespace lumbar::gateway {
namespace {

using ::testing::HasSubstr;

constexpr absl::string_view kWatch = "GET /v1/appointments:watch HTTP/1.1\r\nHost: x\r\n\r\n";

TEST_F(EdgeTest, KeepsAConnectionForTheNextRequest) {
  Start();
  RawClient client(edge_->port());
  for (int i = 0; i < 3; ++i) {
    const auto answer = client.Exchange(kHealth);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->result_int(), 200u);
    EXPECT_TRUE(answer->keep_alive());
  }
  const auto last = client.Exchange("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  ASSERT_TRUE(last);
  EXPECT_FALSE(last->keep_alive());
  EXPECT_TRUE(client.IsClosed());
}

TEST_F(EdgeTest, AnswersPipelinedRequestsInTheirOrder) {
  Start();
  RawClient client(edge_->port());
  client.Send(
      absl::StrCat("POST /v1/triage:assess HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                   "Content-Length: 2\r\n\r\n{}",
                   kHealth, "GET /none HTTP/1.1\r\nHost: x\r\n\r\n"));
  EXPECT_EQ(client.Read()->body(), "{}");
  EXPECT_THAT(client.Read()->body(), HasSubstr("serving"));
  EXPECT_EQ(client.Read()->result_int(), 404u);
}

TEST_F(EdgeTest, ReadsChunkedBodiesAndConfirmsThatTheyAreExpected) {
  Start();
  RawClient client(edge_->port());
  client.Send(
      "POST /v1/triage:assess HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nExpect: 100-continue\r\n"
      "Transfer-Encoding: chunked\r\n\r\n");
  EXPECT_EQ(client.Read()->result_int(), 100u);
  const auto answer = client.Exchange("d\r\n{\"sign\": true\r\n1\r\n}\r\n0\r\n\r\n");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->result_int(), 200u) << answer->body();
  triage::v1::AssessRequest request;
  ASSERT_TRUE(request.ParseFromString(upstream_.calls()[0].request));
  EXPECT_TRUE(request.sign());
}

TEST_F(EdgeTest, TellsTheLengthToHeadAndSendsNoBody) {
  Start();
  RawClient client(edge_->port());
  client.Send("HEAD /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto answer = client.Read(/*to_head=*/true);
  ASSERT_TRUE(answer);
  EXPECT_EQ((*answer)[http::field::content_length], "20");
  EXPECT_EQ(client.Exchange(kHealth)->result_int(), 200u);
}

TEST_F(EdgeTest, RefusesABodyOverTheLimitHoweverItIsSent) {
  Limits limits;
  limits.body_bytes = 1000;
  Start(limits);
  RawClient announced(edge_->port());
  const std::string head = "POST /v1/triage:assess HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
  EXPECT_EQ(announced.Exchange(head + "Content-Length: 1001\r\n\r\n" + std::string(1001, ' '))->result_int(), 413u);
  EXPECT_TRUE(announced.IsClosed());
  RawClient chunked(edge_->port());
  EXPECT_EQ(chunked.Exchange(head + "Transfer-Encoding: chunked\r\n\r\n400\r\n" + std::string(1024, ' '))->result_int(),
            413u);
  RawClient in_time(edge_->port());
  EXPECT_EQ(in_time.Exchange(head + "Content-Length: 1000\r\n\r\n{}" + std::string(998, ' '))->result_int(), 200u);
}

TEST_F(EdgeTest, RefusesAHeaderOverTheLimit) {
  Start();
  RawClient client(edge_->port());
  const auto answer = client.Exchange("GET / HTTP/1.1\r\nHost: x\r\nX: " + std::string(17 * 1024, 'x') + "\r\n\r\n");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->result_int(), 431u);
  EXPECT_TRUE(client.IsClosed());
}

TEST_F(EdgeTest, RefusesWhatIsNotHttpAndClosesTheConnection) {
  Start();
  for (const char* text :
       {"nonsense\r\n\r\n", "GET / HTTP/1.1\r\nHost: x\r\nbad header\r\n\r\n", "GET / HTTP/3.0\r\nHost: x\r\n\r\n",
        "\x16\x03\x01\x02\r\n\r\n", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, identity\r\nContent-Length: 2\r\n\r\n{}",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n"}) {
    RawClient client(edge_->port());
    const auto answer = client.Exchange(text);
    ASSERT_TRUE(answer) << text;
    EXPECT_EQ(answer->result_int(), 400u) << text;
    EXPECT_THAT(answer->body(), HasSubstr("MALFORMED_REQUEST")) << text;
    EXPECT_FALSE((*answer)["X-Request-Id"].empty());
    EXPECT_TRUE(client.IsClosed()) << text;
  }
}

TEST_F(EdgeTest, ClosesOnAClientThatIsTooSlow) {
  Limits limits;
  limits.header_time = absl::Milliseconds(50);
  limits.body_time = absl::Milliseconds(50);
  limits.idle_time = absl::Milliseconds(50);
  Start(limits);
  RawClient silent(edge_->port());
  EXPECT_TRUE(silent.IsClosed());
  RawClient slow_header(edge_->port());
  slow_header.Send("GET / HT");
  EXPECT_TRUE(slow_header.IsClosed());
  RawClient slow_body(edge_->port());
  slow_body.Send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{");
  EXPECT_TRUE(slow_body.IsClosed());
  RawClient idle(edge_->port());
  EXPECT_TRUE(idle.Exchange(kHealth));
  EXPECT_TRUE(idle.IsClosed());
}

class EdgeConnectionsTest : public EdgeTest {
 protected:
  void ExpectRoomForOne(const Limits& limits) {
    Start(limits);
    {
      RawClient first(edge_->port());
      EXPECT_TRUE(first.Exchange(kHealth));
      RawClient second(edge_->port());
      const auto answer = second.Read();
      ASSERT_TRUE(answer);
      EXPECT_EQ(answer->result_int(), 503u);
      EXPECT_THAT(answer->body(), HasSubstr("TOO_MANY_CONNECTIONS"));
    }
    // The end of the first is noticed a moment later.
    for (std::optional<HttpAnswer> answer; !answer || answer->result_int() != 200;) {
      answer = RawClient(edge_->port()).Exchange(kHealth);
    }
  }
};

TEST_F(EdgeConnectionsTest, AreRefusedOverTheLimitAndTakenAgainLater) {
  Limits limits;
  limits.connections = 1;
  ExpectRoomForOne(limits);
}

TEST_F(EdgeConnectionsTest, OfOneClientAreFewerThanThoseOfAll) {
  Limits limits;
  limits.connections_of_one = 1;
  ExpectRoomForOne(limits);
}

TEST_F(EdgeTest, StreamsABodyInChunksAndKeepsTheConnection) {
  Start();
  RawClient client(edge_->port());
  client.Send(kWatch);
  upstream_.WaitForCalls(1);
  upstream_.Send("");
  upstream_.FinishStream(absl::OkStatus());
  const auto answer = client.Read();
  ASSERT_TRUE(answer);
  EXPECT_EQ((*answer)[http::field::content_type], "text/event-stream");
  EXPECT_EQ(answer->body(), "data: {}\n\n");
  EXPECT_EQ(client.Exchange(kHealth)->result_int(), 200u);
}

TEST_F(EdgeTest, GivesAStreamUpWhenItsClientIsGone) {
  Start();
  {
    RawClient client(edge_->port());
    client.Send(kWatch);
    upstream_.WaitForCalls(1);
    upstream_.Send("");
  }
  while (!upstream_.cancelled()) std::this_thread::yield();
}

TEST_F(EdgeTest, GivesACallUpWhenItsClientIsGone) {
  Start();
  upstream_.Hold();
  {
    RawClient client(edge_->port());
    client.Send("GET /v1/protocols HTTP/1.1\r\nHost: x\r\n\r\n");
    upstream_.WaitForCalls(1);
  }
  while (!upstream_.given_up()) std::this_thread::yield();
}

TEST_F(EdgeTest, GivesAStreamUpThatHasNotBegunWhenItsClientIsGone) {
  Start();
  {
    RawClient client(edge_->port());
    client.Send(kWatch);
    upstream_.WaitForCalls(1);
  }
  while (!upstream_.cancelled()) std::this_thread::yield();
}

TEST_F(EdgeTest, ServesTheRequestThatComesWhileItServesAnother) {
  Start();
  upstream_.Hold();
  RawClient client(edge_->port());
  client.Send("GET /v1/protocols HTTP/1.1\r\nHost: x\r\n\r\n");
  upstream_.WaitForCalls(1);
  client.Send(kHealth);
  upstream_.Release();
  EXPECT_EQ(client.Read()->result_int(), 200u);
  EXPECT_EQ(client.Read()->result_int(), 200u);
  EXPECT_FALSE(upstream_.given_up());
}

TEST_F(EdgeTest, EndsStreamsWhenItStops) {
  Start();
  RawClient client(edge_->port());
  client.Send(kWatch);
  upstream_.WaitForCalls(1);
  upstream_.Send("");
  auto stopped = std::async(std::launch::async, [&] { edge_->Stop(absl::Seconds(30)); });
  const auto answer = client.Read();
  ASSERT_TRUE(answer);
  EXPECT_THAT(answer->body(), HasSubstr("STREAM_ENDED"));
  stopped.get();
}

TEST_F(EdgeTest, LetsARunningExchangeFinishWhenItStops) {
  // With one loop the older connection hears of the stop first, so the idle one's end tells that both have.
  Start(Limits(), /*loops=*/1);
  upstream_.Hold();
  RawClient running(edge_->port());
  running.Send("GET /v1/protocols HTTP/1.1\r\nHost: x\r\n\r\n");
  upstream_.WaitForCalls(1);
  RawClient idle(edge_->port());
  EXPECT_TRUE(idle.Exchange(kHealth));
  auto stopped = std::async(std::launch::async, [&] { edge_->Stop(absl::Seconds(30)); });
  EXPECT_TRUE(idle.IsClosed());
  EXPECT_FALSE(RawClient(edge_->port()).Exchange(kHealth));
  upstream_.Release();
  const auto answer = running.Read();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->result_int(), 200u);
  EXPECT_FALSE(answer->keep_alive());
  EXPECT_TRUE(running.IsClosed());
  stopped.get();
}

TEST_F(EdgeTest, EndsWhatRunsStillWhenTheDrainIsOver) {
  Start();
  upstream_.Hold();
  RawClient running(edge_->port());
  running.Send("GET /v1/protocols HTTP/1.1\r\nHost: x\r\n\r\n");
  upstream_.WaitForCalls(1);
  edge_->Stop(absl::Milliseconds(1));
  EXPECT_FALSE(running.Read());
}

TEST_F(EdgeTest, SaysWhenItCannotListen) {
  Start();
  EdgeOptions options;
  options.address = "127.0.0.1";
  options.port = edge_->port();
  EXPECT_THAT(Edge::Start(options, upstream_, std::make_shared<prometheus::Registry>(), clock_, clock_),
              FailsWith(absl::StatusCode::kUnavailable, "EDGE_PORT_TAKEN"));
  options.address = "localhost";
  EXPECT_THAT(Edge::Start(options, upstream_, std::make_shared<prometheus::Registry>(), clock_, clock_),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace lumbar::gateway
