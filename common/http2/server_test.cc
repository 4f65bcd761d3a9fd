#include "common/http2/server.h"

#include <gmock/gmock.h>
#include <nghttp2/nghttp2.h>
#include <sys/resource.h>

#include <atomic>
#include <latch>
#include <thread>

#include "common/http2/testing/handlers.h"

namespace lumbar::http2 {
namespace {

void Eventually(const std::function<bool()>& holds) {
  while (!holds()) std::this_thread::yield();
}

TEST_F(ServerTest, AnswersWithHeaderBodyAndTrailer) {
  ServeEcho();
  TestClient client(server_->port());
  const Answered& answer = client.Await(client.Begin("/echo", "hello"));
  EXPECT_EQ(answer.header.at(":status"), "200");
  EXPECT_EQ(answer.body, "hello");
  EXPECT_EQ(answer.trailer.at("x-done"), "yes");
}

TEST_F(ServerTest, ShowsTheRequestAsItCame) {
  Serve([](const std::shared_ptr<Stream>& stream) {
    const Request& request = stream->request();
    Reply(*stream, absl::StrCat(request.method(), " ", request.path(), " ", request.header.Find("x-name"), " ",
                                request.body.size()));
  });
  TestClient client(server_->port());
  const int32_t id = client.Begin("/a/b", std::string(200'000, 'x'), {{"x-name", "v"}});
  EXPECT_EQ(client.Await(id).body, "POST /a/b v 200000");
}

TEST_F(ServerTest, AnswersAThousandStreamsOfOneConnectionAtOnce) {
  Serve([this](const std::shared_ptr<Stream>& stream) {
    kept_.Keep(stream);
    if (kept_.all().size() < 1000) return;
    for (const auto& waiting : kept_.all()) Reply(*waiting, waiting->request().body);
  });
  TestClient client(server_->port());
  std::vector<int32_t> ids;
  ids.reserve(1000);
  for (int i = 0; i < 1000; ++i) ids.push_back(client.Begin("/", absl::StrCat("body ", i, std::string(900, '.'))));
  for (size_t i = 0; i < ids.size(); ++i) {
    EXPECT_THAT(client.Await(ids[i]).body, testing::StartsWith(absl::StrCat("body ", i, "."))) << i;
  }
}

TEST_F(ServerTest, SendsAnAnswerInPartsAsTheyCome) {
  Serve([this](const std::shared_ptr<Stream>& stream) {
    constexpr Field kStatus = {":status", "200"};
    stream->Begin({kStatus});
    kept_.Keep(stream);
  });
  TestClient client(server_->port());
  const int32_t id = client.Begin("/", "");
  const auto received = [&](absl::string_view text) {
    return client.Until([&] { return client.answer(id).body == text; });
  };
  client.Send();
  Eventually([&] { return kept_.all().size() == 1; });
  const auto stream = kept_.all().front();
  stream->OnLoop([stream] { stream->Write("one "); });
  EXPECT_TRUE(received("one "));
  stream->OnLoop([stream] { stream->Write("two"); });
  EXPECT_TRUE(received("one two"));
  stream->OnLoop([stream] { stream->End({}); });
  EXPECT_TRUE(client.Await(id).closed);
}

class Told final : public Progress {
 public:
  void OnTaken() override { ++taken; }
  void OnDrain() override { ++drained; }
  void OnGone() override { ++gone; }
  std::atomic<int> taken = 0, drained = 0, gone = 0;
};

TEST_F(ServerTest, TellsWhoFollowsAnAnswerWhatBecomesOfIt) {
  const auto told = std::make_shared<Told>();
  Serve([this, told](const std::shared_ptr<Stream>& stream) {
    constexpr Field kStatus = {":status", "200"};
    stream->Follow(told);
    stream->Begin({kStatus});
    // More than the window of a peer that doesn't open it.
    stream->Write(std::string(100'000, 'x'));
    kept_.Keep(stream);
  });
  TestClient client(server_->port(), 0, false);
  const int32_t id = client.Begin("/", "");
  EXPECT_TRUE(client.Until([&] { return client.answer(id).body.size() == 65'535; }));
  EXPECT_EQ(told->taken, 0) << "a part still waits";
  const auto stream = kept_.all().front();
  stream->OnLoop([stream] { stream->Abandon(); });
  EXPECT_TRUE(client.Await(id).closed);
  EXPECT_EQ(client.answer(id).error, NGHTTP2_CANCEL);
  Eventually([&] { return told->gone == 1; });
  stream->OnLoop([&, stream] { stream->Follow(told); });
  Eventually([&] { return told->gone == 2; });
  EXPECT_EQ(told->drained, 0);
}

TEST_F(ServerTest, TellsWhoFollowsThatAllWasTakenAndThatTheConnectionIsToEnd) {
  const auto told = std::make_shared<Told>();
  Serve([this, told](const std::shared_ptr<Stream>& stream) {
    constexpr Field kStatus = {":status", "200"};
    stream->Follow(told);
    stream->Begin({kStatus});
    stream->Write("some");
    kept_.Keep(stream);
  });
  TestClient client(server_->port());
  const int32_t id = client.Begin("/", "");
  EXPECT_TRUE(client.Until([&] { return client.answer(id).body == "some"; }));
  EXPECT_EQ(told->taken, 1);
  std::thread draining([&] { EXPECT_TRUE(server_->Drain(absl::Seconds(5))); });
  EXPECT_TRUE(client.Until([&] { return client.goaway().has_value(); }));
  EXPECT_EQ(told->drained, 1);
  const auto stream = kept_.all().front();
  stream->OnLoop([stream] { stream->End({}); });
  client.Await(id);
  client.Until([] { return false; });
  draining.join();
  EXPECT_EQ(told->gone, 1);
}

TEST_F(ServerTest, TellsAHandlerThatItsCallerResetTheStream) {
  Serve([this](const std::shared_ptr<Stream>& stream) {
    stream->request().path() == "/wait" ? kept_.Keep(stream) : Reply(*stream, "still here");
  });
  TestClient client(server_->port());
  const int32_t id = client.Begin("/wait", "");
  client.Send();
  Eventually([&] { return kept_.all().size() == 1; });
  const auto stream = kept_.all().front();
  EXPECT_FALSE(stream->IsGone());
  client.Reset(id);
  EXPECT_EQ(client.Await(client.Begin("/", "")).body, "still here");
  EXPECT_TRUE(stream->IsGone());
  stream->OnLoop([stream] { Reply(*stream, "to nobody"); });
  EXPECT_EQ(client.Await(client.Begin("/", "")).body, "still here");
}

TEST_F(ServerTest, HandsOverARequestThatIsTooLargeBeforeItIsWhole) {
  options_.limits.body_bytes = 100'000;
  Serve([](const std::shared_ptr<Stream>& stream) {
    Reply(*stream, stream->request().fault == Fault::kBodyTooLarge ? "too large" : "fine");
  });
  TestClient client(server_->port());
  EXPECT_EQ(client.Await(client.Begin("/", std::string(100'000, 'x'))).body, "fine");
  const Answered& refused = client.Await(client.Begin("/", std::string(100'001, 'x'), {}, false));
  EXPECT_EQ(refused.body, "too large");
  EXPECT_EQ(refused.error, 0u) << "the rest isn't wanted, and that is no error";
}

TEST_F(ServerTest, HandsOverARequestWhoseHeaderIsTooLarge) {
  Serve([](const std::shared_ptr<Stream>& stream) {
    Reply(*stream, stream->request().fault == Fault::kHeaderTooLarge ? "too large" : "fine");
  });
  TestClient client(server_->port());
  const std::string value(options_.limits.header_bytes - 500, 'v');
  EXPECT_EQ(client.Await(client.Begin("/", "", {{"x-long", value}})).body, "fine");
  EXPECT_EQ(client.Await(client.Begin("/", "", {{"x-long", value + std::string(500, 'v')}})).body, "too large");
}

TEST_F(ServerTest, ResetsAStreamWhoseAnswerCannotBeSent) {
  Serve([](const std::shared_ptr<Stream>& stream) {
    const std::string value(stream->request().path() == "/long" ? 100'000 : 10, 'v');
    stream->Answer({{":status", "200"}, {"x-long", value}});
  });
  TestClient client(server_->port());
  const Answered& reset = client.Await(client.Begin("/long", ""));
  EXPECT_TRUE(reset.closed);
  EXPECT_EQ(reset.error, uint32_t{NGHTTP2_INTERNAL_ERROR});
  EXPECT_EQ(client.Await(client.Begin("/", "")).header.at(":status"), "200");
}

TEST_F(ServerTest, RefusesWhatAConnectionMayNotHold) {
  options_.limits.connection_bytes = 300'000;
  Serve([](const std::shared_ptr<Stream>& stream) {
    Reply(*stream, stream->request().fault == Fault::kNoRoom ? "no room" : "fine");
  });
  TestClient client(server_->port());
  const int32_t unfinished = client.Begin("/", std::string(200'000, 'x'), {}, false);
  EXPECT_EQ(client.Await(client.Begin("/", std::string(200'000, 'x'))).body, "no room");
  client.Reset(unfinished);
  EXPECT_EQ(client.Await(client.Begin("/", std::string(200'000, 'x'))).body, "fine");
}

TEST_F(ServerTest, TurnsAwayConnectionsBeyondTheLimit) {
  options_.limits.connections = 2;
  ServeEcho();
  {
    TestClient first(server_->port());
    TestClient second(server_->port());
    EXPECT_EQ(first.Await(first.Begin("/", "1")).body, "1");
    EXPECT_EQ(second.Await(second.Begin("/", "2")).body, "2");
    TestClient third(server_->port());
    EXPECT_TRUE(third.Until([] { return false; }) && third.closed());
    EXPECT_EQ(first.Await(first.Begin("/", "still")).body, "still");
  }
  Eventually([&] { return server_->connections() == 0; });
  EXPECT_TRUE(Lives());
}

TEST_F(ServerTest, RefusesAPortThatIsTaken) {
  ServeEcho();
  options_.port = server_->port();
  EXPECT_THAT(Server::Start(options_, *handler_, clock_), FailsWith(absl::StatusCode::kUnavailable, "PORT_TAKEN"));
  options_.address = "localhost";
  EXPECT_THAT(Server::Start(options_, *handler_, clock_),
              FailsWith(absl::StatusCode::kInvalidArgument, "INVALID_FIELD"));
}

// Takes away every file descriptor that isn't open now.
class NoMoreFiles {
 public:
  NoMoreFiles() {
    getrlimit(RLIMIT_NOFILE, &before_);
    const int next = dup(0);
    close(next);
    rlimit now = before_;
    now.rlim_cur = static_cast<rlim_t>(next);
    setrlimit(RLIMIT_NOFILE, &now);
  }
  ~NoMoreFiles() { setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_ = {};
};

TEST_F(ServerTest, AcceptsAgainOnceThereAreFileDescriptors) {
  ServeEcho();
  // Both loops have opened by now what a new thread opens, and closed it.
  EXPECT_TRUE(Lives() && Lives());
  Eventually([&] { return server_->connections() == 0; });
  const int waiting = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(server_->port());
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  {
    const NoMoreFiles none;
    ASSERT_EQ(connect(waiting, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
    const std::clock_t before = std::clock();
    const absl::Time until = absl::Now() + absl::Milliseconds(250);
    // Nothing tells from outside that an accept has failed: it is given the time of two.
    timespec pause = absl::ToTimespec(until - absl::Now());
    pselect(0, nullptr, nullptr, nullptr, &pause, nullptr);
    EXPECT_LT(std::clock() - before, CLOCKS_PER_SEC / 10) << "and doesn't spin meanwhile";
    EXPECT_EQ(server_->connections(), 0u);
  }
  EXPECT_TRUE(Lives());
  close(waiting);
}

TEST_F(ServerTest, OutlivesConnectionsWhoseStreamsAreAnsweredElsewhere) {
  // Each connection goes away while another thread answers its streams.
  constexpr int kConnections = 60;
  Serve([this](const std::shared_ptr<Stream>& stream) { kept_.Keep(stream); });
  std::atomic<bool> over = false;
  std::thread elsewhere([&] {
    for (size_t next = 0; !over.load();) {
      const auto streams = kept_.all();
      for (; next < streams.size(); ++next) {
        const auto& stream = streams[next];
        stream->OnLoop([stream] { Reply(*stream, std::string(20'000, 'x')); });
      }
    }
  });
  for (int i = 0; i < kConnections; ++i) {
    TestClient client(server_->port());
    int32_t last = 0;
    for (int j = 0; j < 10; ++j) last = client.Begin("/", "");
    client.Send();
    if (i % 3 == 0) client.Await(last);
    if (i % 3 == 1) client.Reset(last);
  }
  Eventually([&] { return server_->connections() == 0; });
  over = true;
  elsewhere.join();
  const auto orphan = kept_.all().front();
  server_.reset();
  EXPECT_TRUE(orphan->IsGone());
  orphan->OnLoop([orphan] { Reply(*orphan, "to nobody, on no loop"); });
}

}  // namespace
}  // namespace lumbar::http2
