// Peers that mean harm: each costs little, is told or cut off, and the server serves the others.
#include <gmock/gmock.h>
#include <nghttp2/nghttp2.h>

#include <list>
#include <thread>

#include "common/http2/testing/handlers.h"

namespace lumbar::http2 {
namespace {

using testing::Optional;

class HostileTest : public ServerTest {
 protected:
  // Connections end for what a test is about, and not because its clock has moved on.
  HostileTest() {
    options_.limits.idle_time = absl::InfiniteDuration();
    options_.limits.age = absl::InfiniteDuration();
  }
  // The server has ended `client`'s connection, with ENHANCE_YOUR_CALM.
  void ExpectCalmed(TestClient& client) {
    EXPECT_TRUE(client.Until([&] { return client.goaway().has_value(); }));
    EXPECT_THAT(client.goaway(), Optional(uint32_t{NGHTTP2_ENHANCE_YOUR_CALM}));
    EXPECT_TRUE(client.Until([] { return false; }) && client.closed());
    EXPECT_TRUE(Lives());
  }
  // Advances until the server has closed every connection: how far it was when the clock moved, nothing tells.
  void ExpectClosedAfter(absl::Duration time) {
    while (server_->connections() > 0) {
      clock_.Advance(time);
      std::this_thread::yield();
    }
    EXPECT_TRUE(Lives());
  }
};

std::string Frame(size_t size, char type, char flags, char stream) {
  return std::string{0, static_cast<char>(size >> 8), static_cast<char>(size), type, flags, 0, 0, 0, stream};
}

TEST_F(HostileTest, ClosesWhatIsNotHttp2) {
  ServeEcho();
  TestClient client(server_->port());
  client.SendRaw("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_TRUE(client.Until([] { return false; }) && client.closed());
  EXPECT_FALSE(client.goaway().has_value());
  EXPECT_TRUE(Lives());
}

TEST_F(HostileTest, CalmsAPeerThatResetsAllItBegins) {
  ServeEcho();
  TestClient client(server_->port());
  for (int i = 0; i < 20'000; ++i) {
    const int32_t id = client.Begin("/", "", {}, false);
    if (!client.Send()) break;
    client.Reset(id);
  }
  ExpectCalmed(client);
}

TEST_F(HostileTest, CalmsAPeerThatPingsAndPings) {
  ServeEcho();
  TestClient client(server_->port());
  for (int i = 0; i < 20'000 && client.Send(); ++i) client.Ping();
  ExpectCalmed(client);
}

TEST_F(HostileTest, EndsAPeerThatSettlesAndSettles) {
  ServeEcho();
  TestClient client(server_->port());
  client.Send();
  const std::string settings = Frame(0, NGHTTP2_SETTINGS, 0, 0);
  for (int i = 0; i < 20'000 && client.SendRaw(settings); ++i) continue;
  // The client itself breaks off at the first of the acknowledgements, for settings that it knows nothing of.
  client.Until([] { return false; });
  while (server_->connections() > 0) std::this_thread::yield();
  EXPECT_TRUE(Lives());
}

TEST_F(HostileTest, CalmsAPeerThatSendsNothingInManyFrames) {
  ServeEcho();
  TestClient client(server_->port());
  client.Begin("/", "", {}, false);
  client.Send();
  const std::string empty = Frame(0, NGHTTP2_DATA, 0, 1);
  for (int i = 0; i < 20'000 && client.SendRaw(empty); ++i) continue;
  ExpectCalmed(client);
}

TEST_F(HostileTest, CalmsAPeerWhoseHeaderNeverEnds) {
  ServeEcho();
  TestClient client(server_->port());
  client.Send();
  client.SendRaw(Frame(1, NGHTTP2_HEADERS, 0, 1) + "\x83");
  // An empty block, over and over.
  const std::string more = Frame(0, NGHTTP2_CONTINUATION, 0, 1);
  for (int i = 0; i < 20'000 && client.SendRaw(more); ++i) continue;
  ExpectCalmed(client);
}

TEST_F(HostileTest, CalmsAPeerWhoseHeaderGrowsAsItIsUnpacked) {
  ServeEcho();
  TestClient client(server_->port());
  client.Send();
  // A field of 4,000 bytes enters the table, and is then named by one byte 16,000 times: 64 MB.
  const std::string field = std::string("\x40\x01x\x7f\xa1\x1e", 6) + std::string(4000, 'v');
  const std::string block = "\x83\x86\x84" + field + std::string(12'000, '\xbe');
  client.SendRaw(Frame(block.size(), NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS, 1) + block);
  ExpectCalmed(client);
}

TEST_F(HostileTest, ForgivesAPeerThatWorks) {
  ServeEcho();
  TestClient client(server_->port());
  for (int i = 0; i < 2000; ++i) {
    client.Ping();
    ASSERT_EQ(client.Await(client.Begin("/", "work")).body, "work") << i;
  }
  EXPECT_FALSE(client.goaway().has_value());
}

TEST_F(HostileTest, ForgetsARequestThatDoesNotEnd) {
  ServeEcho();
  TestClient client(server_->port());
  const int32_t id = client.Begin("/", "the first half", {}, false);
  EXPECT_EQ(client.Await(client.Begin("/", "another")).body, "another");
  clock_.Advance(options_.limits.request_time + absl::Seconds(1));
  EXPECT_EQ(client.Await(id).error, uint32_t{NGHTTP2_CANCEL});
  EXPECT_EQ(client.Await(client.Begin("/", "another")).body, "another");
}

TEST_F(HostileTest, ClosesAConnectionThatSaysNothing) {
  ServeEcho();
  TestClient silent(server_->port());
  while (server_->connections() < 1) std::this_thread::yield();
  ExpectClosedAfter(options_.limits.hello_time + absl::Seconds(1));
}

TEST_F(HostileTest, ClosesAnIdleConnectionAfterTellingItSo) {
  options_.limits.idle_time = absl::Minutes(5);
  ServeEcho();
  TestClient client(server_->port());
  EXPECT_EQ(client.Await(client.Begin("/", "once")).body, "once");
  clock_.Advance(options_.limits.idle_time + absl::Seconds(1));
  EXPECT_TRUE(client.Until([] { return false; }) && client.closed());
  EXPECT_THAT(client.goaway(), Optional(uint32_t{NGHTTP2_NO_ERROR}));
}

TEST_F(HostileTest, CutsAnOldConnectionOffThatDoesNotListen) {
  options_.limits.age = absl::Minutes(5);
  Serve([this](const std::shared_ptr<Stream>& stream) { kept_.Keep(stream); });
  TestClient client(server_->port());
  client.Begin("/", "never answered");
  client.Send();
  while (kept_.all().empty()) std::this_thread::yield();
  clock_.Advance(options_.limits.age * 1.2);
  // It answers the round trip, but its stream runs on.
  EXPECT_TRUE(client.Until([&] { return client.goaway().has_value(); }));
  EXPECT_EQ(server_->connections(), 1u);
  clock_.Advance(options_.limits.age_grace + absl::Seconds(1));
  EXPECT_TRUE(client.Until([] { return false; }) && client.closed());
}

TEST_F(HostileTest, StopsReadingFromAPeerThatNeverReads) {
  options_.loops = 1;
  Serve([this](const std::shared_ptr<Stream>& stream) {
    if (stream->request().fault == Fault::kNoRoom) return Reply(*stream, "");
    ++handled_;
    Reply(*stream, std::string(60'000, 'x'));
  });
  TestClient client(server_->port(), 4096);
  // It reads once, and so learns how many streams it may begin.
  client.Await(client.Begin("/", ""));
  // The connection's window is opened for ever, so that only the socket can hold the server back.
  client.SendRaw(Frame(4, NGHTTP2_WINDOW_UPDATE, 0, 0) + std::string("\x7f\0\0\0", 4));
  for (int i = 0; i < 900; ++i) client.Begin("/", "");
  EXPECT_TRUE(client.Send());
  // The one loop that there is has turned since.
  EXPECT_TRUE(Lives() && Lives());
  EXPECT_GT(handled_, 20);
  EXPECT_LT(handled_, 200) << "54 MB would be held";
  ExpectClosedAfter(options_.limits.write_time + absl::Seconds(1));
}

TEST_F(HostileTest, TakesBackAnAnswerForWhichNoWindowIsOpened) {
  ServeEcho();
  TestClient client(server_->port(), 0, false);
  const int32_t id = client.Begin("/", std::string(100'000, 'x'));
  EXPECT_TRUE(client.Until([&] { return client.answer(id).body.size() == 65'535; }));
  clock_.Advance(options_.limits.write_time + absl::Seconds(1));
  EXPECT_EQ(client.Await(id).error, uint32_t{NGHTTP2_CANCEL});
}

// As little as keeps it moving, for ever.
TEST_F(HostileTest, TakesBackAnAnswerThatIsTakenByteByByte) {
  options_.loops = 1;
  ServeEcho();
  TestClient client(server_->port(), 0, false);
  const int32_t id = client.Begin("/", std::string(100'000, 'x'));
  EXPECT_TRUE(client.Until([&] { return client.answer(id).body.size() == 65'535; }));
  for (size_t taken = 1; taken < 100 && !client.answer(id).closed; ++taken) {
    for (const int32_t window : {0, id}) client.OpenWindow(window, 1);
    client.Until([&] { return client.answer(id).body.size() == 65'535 + taken || client.answer(id).closed; });
    clock_.Advance(options_.limits.write_time / 4);
  }
  EXPECT_EQ(client.Await(id).error, uint32_t{NGHTTP2_CANCEL});
}

TEST_F(HostileTest, ClosesThoseWhoHoldWhatAllShare) {
  options_.loops = 1;
  options_.limits.loop_bytes = 1'000'000;
  ServeEcho();
  std::list<TestClient> hogs;
  for (int i = 0; i < 5; ++i) {
    TestClient& hog = hogs.emplace_back(server_->port());
    for (int part = 0; part < 4; ++part) hog.Begin("/", std::string(50'000, 'x'), {}, false);
    // Each time it learns of more room, and fills it.
    for (size_t pongs = 1; pongs <= 4; ++pongs) {
      hog.Ping();
      hog.Until([&] { return hog.pongs() == pongs; });
    }
  }
  TestClient light(server_->port());
  std::string echoed;
  for (int i = 0; i < 1000 && echoed != "small"; ++i) echoed = light.Await(light.Begin("/", "small")).body;
  EXPECT_EQ(echoed, "small");
  EXPECT_FALSE(light.closed());
  EXPECT_LT(server_->connections(), hogs.size() + 1);
}

}  // namespace
}  // namespace lumbar::http2
