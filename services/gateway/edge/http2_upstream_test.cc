// Peers that fail, misbehave or go away: each call ends soon, as promised, and the next one finds its way.

#include <boost/asio/post.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <future>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "services/gateway/edge/http2_upstream_fixture.h"

namespace lumbar::gateway {
namespace {

constexpr uint8_t kLast = NGHTTP2_FLAG_END_STREAM;

class CountingMessages final : public StreamTaker {
 public:
  void OnMessage(const std::string&) override { ++messages_; }
  void OnEnd(const absl::Status& status) override {
    end_.set_value(status);
    ended_ = true;
  }
  std::atomic<int> messages_ = 0;
  std::atomic<bool> ended_ = false;
  std::promise<absl::Status> end_;
};

TEST_F(Http2UpstreamTest, RefusesTargetsThatAreNone) {
  for (const char* target :
       {"", "host", "host:", ":9090", "host:http", "[::1:9090", "unix:/x", "host:0", "host:65536"}) {
    EXPECT_THAT(Http2Upstream::Create({{"s", target}}, clock_),
                FailsWith(absl::StatusCode::kInvalidArgument, "INVALID_FIELD"))
        << target;
  }
  for (const char* target : {"127.0.0.1:1", "[::1]:1", "booking:1", "dns:///booking.ns.svc:9093"}) {
    EXPECT_THAT(Http2Upstream::Create({{"s", target}}, clock_), IsOk()) << target;
  }
}

TEST_F(Http2UpstreamTest, FindsAServiceByItsName) {
  const Http2TestService service;
  Connect(absl::StrCat("dns:///localhost:", service.port()));
  EXPECT_THAT(Begin("by name").get(), IsOkAndHolds("by name"));
  Connect("no-such-host.invalid:1");
  EXPECT_THAT(Begin().get(), IsUnavailable());
}

TEST_F(Http2UpstreamTest, TakesThePlacesOfANameInTurnAndFollowsWhereItGoes) {
  const Http2TestService one, two, three;
  const auto place = [](const TestService& service) {
    return boost::asio::ip::tcp::endpoint(boost::asio::ip::address_v4::loopback(),
                                          static_cast<uint16_t>(service.port()));
  };
  std::mutex mutex;
  std::vector<boost::asio::ip::tcp::endpoint> places = {place(one), place(two)};
  const auto find = [&](boost::asio::io_context& context, const BackendAddress&, auto found) {
    const std::lock_guard lock(mutex);
    boost::asio::post(context, [found, now = places] { found(now); });
  };
  ASSERT_OK_AND_ASSIGN(upstream_, Http2Upstream::Create({{std::string(kTestService), "dns:///x:1"}}, clock_,
                                                        {.limits = limits_, .find = find}));
  while (one.begun == 0 || two.begun == 0) EXPECT_THAT(Begin("x").get(), IsOkAndHolds("x"));
  const int before = one.begun + two.begun;
  for (int i = 0; i < 100; ++i) EXPECT_THAT(Begin("x").get(), IsOkAndHolds("x"));
  EXPECT_EQ(one.begun + two.begun, before + 100);
  EXPECT_GE(std::min<int>(one.begun, two.begun), 50);
  auto running = Begin("", "Wait");
  while (one.begun + two.begun < before + 101) std::this_thread::yield();
  {
    const std::lock_guard lock(mutex);
    places = {place(three)};
  }
  clock_.Advance(absl::Seconds(31));
  while (three.begun == 0) EXPECT_THAT(Begin("x").get(), IsOkAndHolds("x"));
  const int left = one.begun + two.begun;
  for (int i = 0; i < 10; ++i) EXPECT_THAT(Begin("x").get(), IsOkAndHolds("x"));
  EXPECT_EQ(one.begun + two.begun, left);
  EXPECT_EQ(one.cancelled + two.cancelled, 0) << "what runs on a place that the name has left is finished there";
  {
    const std::lock_guard lock(mutex);
    places.clear();
  }
  clock_.Advance(absl::Seconds(31));
  for (int i = 0; i < 10; ++i) EXPECT_THAT(Begin("x").get(), IsOkAndHolds("x")) << "a name that nobody knows any more";
}

TEST_F(Http2UpstreamTest, SaysSoAtOnceWhenThePeerSpeaksSomethingElse) {
  Connect();
  auto answer = Begin();
  RawConnection connection = peer_.Accept();
  connection.Send("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n");
  EXPECT_THAT(answer.get(), IsUnavailable());
  EXPECT_TRUE(connection.AwaitEnd());
}

TEST_F(Http2UpstreamTest, DoesNotWaitForAPeerThatNeverSaysHello) {
  Connect();
  auto answer = Begin();
  const RawConnection connection = peer_.Accept();
  EXPECT_THAT(AwaitAfter(answer, limits_.hello_time), IsUnavailable());
}

TEST_F(Http2UpstreamTest, ReachesAServiceAgainThatCameBack) {
  auto service = std::make_unique<Http2TestService>();
  const int port = service->port();
  Connect(absl::StrCat("127.0.0.1:", port));
  EXPECT_THAT(Begin("one").get(), IsOkAndHolds("one"));
  service.reset();
  // However long it is away, it is tried when a call comes.
  for (int i = 0; i < 30; ++i) {
    clock_.Advance(absl::Milliseconds(10));
    EXPECT_THAT(Begin().get(), IsUnavailable());
  }
  service = std::make_unique<Http2TestService>(port);
  EXPECT_THAT(Begin().get(), IsUnavailable()) << "tried just now";
  clock_.Advance(absl::Milliseconds(10));
  EXPECT_THAT(Begin("two").get(), IsOkAndHolds("two"));
}

TEST_F(Http2UpstreamTest, UnderstandsOnlyGrpc) {
  Connect();
  const auto whole = [](absl::string_view status, absl::string_view type) {
    return [=](uint32_t stream) { return HeaderFrame(stream, status, type, kLast); };
  };
  EXPECT_THAT(AnswerTo(whole("503", "text/html")), IsUnavailable());
  EXPECT_THAT(AnswerTo(whole("404", "text/html")), IsInternal());
  EXPECT_THAT(AnswerTo(whole("200", "text/html")), IsInternal());
  EXPECT_THAT(AnswerTo(whole("200", "application/grpc")), IsInternal()) << "there is no status";
  EXPECT_THAT(AnswerTo([](uint32_t stream) { return HeaderFrame(stream) + TrailerFrame(stream, "17"); }), IsInternal());
  EXPECT_THAT(AnswerTo([](uint32_t stream) { return HeaderFrame(stream) + TrailerFrame(stream, "x"); }), IsInternal());
  EXPECT_THAT(
      AnswerTo([](uint32_t stream) { return HeaderFrame(stream) + DataFrame(stream, std::string(5, '\0'), kLast); }),
      IsInternal());
  EXPECT_THAT(AnswerTo([](uint32_t stream) { return Good(stream); }), IsOkAndHolds("good"));
}

TEST_F(Http2UpstreamTest, RefusesMessagesThatCannotBe) {
  Connect();
  const auto body = [](const std::string& bytes) {
    return [=](uint32_t stream) { return HeaderFrame(stream) + DataFrame(stream, bytes) + TrailerFrame(stream); };
  };
  EXPECT_THAT(AnswerTo(body(std::string("\1\0\0\0\1x", 6))), IsInternal()) << "it is compressed";
  EXPECT_THAT(AnswerTo(body(std::string("\0\0\0\0\2x", 6))), IsInternal()) << "half of it is missing";
  EXPECT_THAT(AnswerTo(body(std::string("\0\0\0\0\1xy", 7))), IsInternal());
  EXPECT_THAT(AnswerTo(body(std::string("\0\0\0", 3))), IsInternal());
  EXPECT_THAT(AnswerTo(body("")), IsInternal());
  EXPECT_THAT(
      AnswerTo([](uint32_t stream) { return HeaderFrame(stream) + DataFrame(stream, std::string("\0\x7f\0\0\0", 5)); }),
      IsInternal())
      << "2 GB are announced, and nobody waits for them";
  EXPECT_TRUE(connection_->Await(NGHTTP2_RST_STREAM));
  EXPECT_THAT(AnswerTo([](uint32_t stream) { return Good(stream); }), IsOkAndHolds("good"));
}

TEST_F(Http2UpstreamTest, EndsACallWhoseHeaderIsTooLong) {
  Connect();
  std::string fields;
  for (int i = 0; i < 120; ++i) fields += PackedField("x-long", std::string(120, 'v'));
  EXPECT_THAT(AnswerTo([&](uint32_t stream) {
                return FrameBytes({NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS | kLast, stream,
                                   PackedField(":status", "200") + PackedField("content-type", "application/grpc") +
                                       PackedField("grpc-status", "5") + fields});
              }),
              IsInternal());
  EXPECT_THAT(AnswerTo([](uint32_t stream) { return Good(stream); }), IsOkAndHolds("good"));
}

TEST_F(Http2UpstreamTest, LeavesAPeerWhoseHeaderNeverEnds) {
  Connect();
  auto answer = Begin();
  RawConnection connection = peer_.Greet();
  const uint32_t stream = connection.AwaitRequest();
  connection.Send(FrameBytes({NGHTTP2_HEADERS, 0, stream, PackedField(":status", "200")}));
  const std::string more = FrameBytes({NGHTTP2_CONTINUATION, 0, stream, PackedField("x-more", "y")});
  for (int i = 0; i < 10'000 && connection.Send(more); ++i) continue;
  EXPECT_THAT(answer.get(), IsUnavailable());
}

TEST_F(Http2UpstreamTest, LeavesAPeerThatOnlyKeepsItBusy) {
  Connect();
  auto answer = Begin();
  RawConnection connection = peer_.Greet();
  connection.AwaitRequest();
  const std::string ping = FrameBytes({NGHTTP2_PING, 0, 0, "12345678"});
  for (int i = 0; i < 20'000 && connection.Send(ping); ++i) continue;
  EXPECT_THAT(answer.get(), IsUnavailable());
}

TEST_F(Http2UpstreamTest, EndsACallWhoseConnectionBreaksInTheMiddle) {
  Connect();
  auto answer = Begin();
  {
    RawConnection connection = peer_.Greet();
    const uint32_t stream = connection.AwaitRequest();
    connection.Send(HeaderFrame(stream) + DataFrame(stream, std::string("\0\0\0\0\4ha", 7)));
  }
  EXPECT_THAT(answer.get(), IsUnavailable());
}

TEST_F(Http2UpstreamTest, TellsResetsApart) {
  Connect();
  const auto reset = [](uint8_t error) { return [=](uint32_t stream) { return ResetFrame(stream, error); }; };
  EXPECT_THAT(AnswerTo(reset(NGHTTP2_CANCEL)), IsUnavailable());
  EXPECT_THAT(AnswerTo(reset(NGHTTP2_ENHANCE_YOUR_CALM)), IsUnavailable());
  EXPECT_THAT(AnswerTo(reset(NGHTTP2_INTERNAL_ERROR)), IsInternal());
  EXPECT_THAT(AnswerTo(reset(NGHTTP2_NO_ERROR)), IsInternal());
}

TEST_F(Http2UpstreamTest, FinishesOnAConnectionThatSaysGoodbyeAndBeginsOnAnother) {
  Connect();
  auto running = Begin();
  RawConnection old = peer_.Greet();
  const uint32_t stream = old.AwaitRequest();
  auto refused = Begin();
  old.AwaitRequest();
  clock_.Advance(absl::Seconds(5));
  old.Send(GoawayFrame(static_cast<uint8_t>(stream)));
  RawConnection fresh = peer_.Greet();
  fresh.Send(Good(fresh.AwaitRequest(), "on the new one"));
  EXPECT_THAT(refused.get(), IsOkAndHolds("on the new one"));
  old.Send(Good(stream, "on the old one"));
  EXPECT_THAT(running.get(), IsOkAndHolds("on the old one"));
  EXPECT_TRUE(old.AwaitEnd());
}

TEST_F(Http2UpstreamTest, LosesNoCallWhenAServiceDrains) {
  auto service = std::make_unique<Http2TestService>();
  const int port = service->port();
  Connect(absl::StrCat("127.0.0.1:", port));
  EXPECT_THAT(Begin("before").get(), IsOkAndHolds("before"));
  clock_.Advance(absl::Seconds(5));
  EXPECT_TRUE(service->Drain(absl::Seconds(10))) << "an idle connection isn't waited for";
  service = std::make_unique<Http2TestService>(port);
  clock_.Advance(absl::Seconds(5));
  EXPECT_THAT(Begin("after").get(), IsOkAndHolds("after"));
}

TEST_F(Http2UpstreamTest, AsksAQuietPeerWhetherItLives) {
  Connect();
  auto answer = Begin();
  RawConnection connection = peer_.Greet();
  const uint32_t stream = connection.AwaitRequest();
  clock_.Advance(limits_.quiet_time + absl::Seconds(1));
  const auto ping = connection.Await(NGHTTP2_PING);
  ASSERT_TRUE(ping);
  connection.Send(FrameBytes({NGHTTP2_PING, NGHTTP2_FLAG_ACK, 0, ping->payload}));
  connection.Send(Good(stream));
  EXPECT_THAT(answer.get(), IsOkAndHolds("good"));
  auto unanswered = Begin();
  connection.AwaitRequest();
  clock_.Advance(limits_.quiet_time + absl::Seconds(1));
  EXPECT_TRUE(connection.Await(NGHTTP2_PING));
  EXPECT_THAT(AwaitAfter(unanswered, limits_.ping_time + absl::Seconds(1)), IsUnavailable());
}

TEST_F(Http2UpstreamTest, LeavesAPeerThatHangsAlsoIfNobodyWaitsAnyMore) {
  Connect();
  const GiveUp give_up = upstream_->Call({absl::StrCat("/", kTestService, "/Echo"), "", {}, absl::Hours(1)},
                                         [](const absl::StatusOr<std::string>&) {});
  RawConnection connection = peer_.Greet();
  connection.AwaitRequest();
  give_up();
  EXPECT_TRUE(connection.Await(NGHTTP2_RST_STREAM));
  clock_.Advance(limits_.quiet_time / 2);
  auto next = Begin();
  connection.AwaitRequest();
  clock_.Advance(limits_.quiet_time / 2 + absl::Seconds(1));
  EXPECT_TRUE(connection.Await(NGHTTP2_PING)) << "it hasn't been heard since the first";
  EXPECT_THAT(AwaitAfter(next, limits_.ping_time + absl::Seconds(1)), IsUnavailable());
}

TEST_F(Http2UpstreamTest, LeavesAPeerThatStopsReading) {
  options_.limits.quiet_time = absl::InfiniteDuration();
  Connect();
  auto answer = Begin();
  RawConnection connection = peer_.Greet(std::string("\0\4\x7f\xff\xff\xff", 6));
  connection.AwaitRequest();
  connection.Send(FrameBytes({NGHTTP2_WINDOW_UPDATE, 0, 0, std::string("\x7f\0\0\0", 4)}));
  std::vector<PendingAnswer> stuck;
  stuck.reserve(60);
  for (int i = 0; i < 60; ++i) stuck.push_back(Begin(std::string(250'000, 'x')));
  EXPECT_THAT(AwaitAfter(stuck.back(), limits_.write_time + absl::Seconds(1)), IsUnavailable());
  EXPECT_THAT(answer.get(), IsUnavailable());
}

TEST_F(Http2UpstreamTest, BeginsNoMoreThanThePeerTakes) {
  Connect();
  auto first = Begin(), second = Begin();
  RawConnection connection = peer_.Greet(std::string("\0\3\0\0\0\1", 6));
  const uint32_t stream = connection.AwaitRequest();
  connection.Send(FrameBytes({NGHTTP2_PING, 0, 0, "12345678"}));
  EXPECT_TRUE(connection.Await(NGHTTP2_PING)) << "which comes before the second request";
  connection.Send(Good(stream, "first"));
  EXPECT_THAT(first.get(), IsOkAndHolds("first"));
  connection.Send(Good(connection.AwaitRequest(), "second"));
  EXPECT_THAT(second.get(), IsOkAndHolds("second"));
}

TEST_F(Http2UpstreamTest, LetsOnlySoManyWait) {
  Connect();
  std::vector<PendingAnswer> waiting;
  waiting.reserve(1001);
  for (int i = 0; i < 1001; ++i) waiting.push_back(Begin());
  EXPECT_THAT(waiting.back().get(), FailsWith(absl::StatusCode::kResourceExhausted, "TOO_BUSY"));
}

TEST_F(Http2UpstreamTest, HoldsOnlySoMuch) {
  options_.limits.loop_bytes = 1'000'000;
  Connect();
  std::vector<PendingAnswer> waiting;
  waiting.reserve(5);
  for (int i = 0; i < 5; ++i) waiting.push_back(Begin(std::string(240'000, 'x')));
  EXPECT_THAT(waiting.back().get(), FailsWith(absl::StatusCode::kResourceExhausted, "TOO_BUSY"));
}

TEST_F(Http2UpstreamTest, HoldsNothingOfAStreamThatWasTaken) {
  options_.limits.loop_bytes = 200'000;
  const Http2TestService service;
  Connect(absl::StrCat("127.0.0.1:", service.port()));
  const auto taker = std::make_shared<CountingMessages>();
  const auto stream = upstream_->Open({absl::StrCat("/", kTestService, "/Stream"), "", {}, absl::Hours(1)}, taker);
  for (int i = 1; i <= 301; ++i) {
    stream->Next();
    while (taker->messages_ < i && !taker->ended_) std::this_thread::yield();
  }
  EXPECT_THAT(taker->end_.get_future().get(), IsOk()) << "after 300 kB";
  EXPECT_EQ(taker->messages_, 300);
}

TEST_F(Http2UpstreamTest, SaysSoIfAStreamEndsWithinAMessage) {
  Connect();
  const auto taker = std::make_shared<CountingMessages>();
  const auto stream = upstream_->Open({absl::StrCat("/", kTestService, "/Stream"), "", {}, absl::Hours(1)}, taker);
  stream->Next();
  RawConnection connection = peer_.Greet();
  const uint32_t id = connection.AwaitRequest();
  connection.Send(HeaderFrame(id) + DataFrame(id, std::string("\0\0\0\0\2x", 6)) + TrailerFrame(id));
  EXPECT_THAT(taker->end_.get_future().get(), FailsWith(absl::StatusCode::kInternal, "INTERNAL"));
  EXPECT_EQ(taker->messages_, 0);
}

TEST_F(Http2UpstreamTest, EndsWhatRunsWhenItGoesAway) {
  Connect();
  auto answer = Begin(), waiting = Begin();
  const RawConnection connection = peer_.Greet();
  upstream_.reset();
  EXPECT_THAT(answer.get(), IsUnavailable());
  EXPECT_THAT(waiting.get(), IsUnavailable());
}

}  // namespace
}  // namespace lumbar::gateway
