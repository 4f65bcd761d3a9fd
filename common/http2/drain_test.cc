#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "common/http2/testing/handlers.h"

namespace lumbar::http2 {
namespace {

using DrainTest = ServerTest;

TEST_F(DrainTest, EndsAtOnceWhenNothingRuns) {
  ServeEcho();
  TestClient client(server_->port());
  EXPECT_EQ(client.Await(client.Begin("/", "before")).body, "before");
  std::thread stop([&] { EXPECT_TRUE(server_->Drain(absl::Seconds(5))); });
  EXPECT_TRUE(client.Until([] { return false; }) && client.closed());
  stop.join();
  TestClient late(server_->port());
  EXPECT_TRUE(late.closed());
}

TEST_F(DrainTest, LetsARunningStreamEnd) {
  Serve([this](const std::shared_ptr<Stream>& stream) { kept_.Keep(stream); });
  TestClient client(server_->port());
  const int32_t id = client.Begin("/", "");
  client.Send();
  while (kept_.all().empty()) std::this_thread::yield();
  std::thread stop([&] { EXPECT_TRUE(server_->Drain(absl::Seconds(5))); });
  EXPECT_TRUE(client.Until([&] { return client.goaway().has_value(); }));
  const auto stream = kept_.all().front();
  stream->OnLoop([stream] { Reply(*stream, "late, and whole"); });
  EXPECT_EQ(client.Await(id).body, "late, and whole");
  client.Until([] { return false; });
  stop.join();
}

TEST_F(DrainTest, EndsByForceWhatDoesNotEndInTime) {
  Serve([this](const std::shared_ptr<Stream>& stream) { kept_.Keep(stream); });
  TestClient client(server_->port());
  client.Begin("/", "");
  client.Send();
  while (kept_.all().empty()) std::this_thread::yield();
  EXPECT_FALSE(server_->Drain(absl::Milliseconds(20)));
  EXPECT_TRUE(kept_.all().front()->IsGone());
}

// Begins requests until it is told to stop; returns how many were answered, wholly.
int CallUntilTold(uint16_t port, std::atomic<int>& begun) {
  TestClient client(port);
  std::vector<int32_t> ids;
  while (!client.goaway().has_value() && !client.closed()) {
    for (int i = 0; i < 16; ++i) ids.push_back(client.Begin("/", "load"));
    client.Until([&] { return client.answer(ids.back()).closed || client.goaway().has_value(); });
    begun += 16;
  }
  client.Until([] { return false; });
  return static_cast<int>(std::count_if(ids.begin(), ids.end(), [&](int32_t id) {
    return client.answer(id).body == "load" && client.answer(id).trailer.count("x-done") == 1;
  }));
}

TEST_F(DrainTest, LosesNothingUnderLoad) {
  Serve([this](const std::shared_ptr<Stream>& stream) {
    ++handled_;
    Reply(*stream, stream->request().body);
  });
  std::atomic<int> begun = 0;
  std::atomic<int> answered = 0;
  std::vector<std::thread> callers;
  for (int i = 0; i < 4; ++i) callers.emplace_back([&] { answered += CallUntilTold(server_->port(), begun); });
  while (begun < 500) std::this_thread::yield();
  EXPECT_TRUE(server_->Drain(absl::Seconds(10)));
  for (auto& caller : callers) caller.join();
  EXPECT_GE(handled_, 500);
  EXPECT_EQ(answered, handled_) << "whatever was begun was answered";
}

}  // namespace
}  // namespace lumbar::http2
