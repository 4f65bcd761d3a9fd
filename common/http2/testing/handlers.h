// Handlers and a server for tests only.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "common/http2/server.h"
#include "common/http2/testing/client.h"
#include "common/status/matchers.h"

namespace lumbar::http2 {

// Answers with `body`, and with a trailer.
inline void Reply(Stream& stream, std::string body) {
  constexpr Field kStatus = {":status", "200"};
  constexpr Field kDone = {"x-done", "yes"};
  stream.Begin({kStatus});
  stream.Write(std::move(body));
  stream.End({kDone});
}

class ScriptedHandler final : public Handler {
 public:
  using Script = std::function<void(const std::shared_ptr<Stream>&)>;
  explicit ScriptedHandler(Script script) : script_(std::move(script)) {}
  void OnRequest(const std::shared_ptr<Stream>& stream) override { script_(stream); }

 private:
  const Script script_;
};

// Streams that a handler keeps instead of answering them.
class Kept {
 public:
  void Keep(const std::shared_ptr<Stream>& stream) {
    const std::lock_guard lock(mutex_);
    streams_.push_back(stream);
  }
  std::vector<std::shared_ptr<Stream>> all() const {
    const std::lock_guard lock(mutex_);
    return streams_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::shared_ptr<Stream>> streams_;
};

// A server on a port of its own, whose clock stands still until a test moves it, and that looks at the times often. It
// serves until after the test's body, what peers have left in their sockets too: what a script uses outlives it here,
// where the body's own variables don't.
class ServerTest : public testing::Test {
 protected:
  void Serve(ScriptedHandler::Script script) {
    handler_ = std::make_unique<ScriptedHandler>(std::move(script));
    options_.limits.tick = absl::Milliseconds(5);
    ASSERT_OK_AND_ASSIGN(server_, Server::Start(options_, *handler_, clock_));
  }
  void ServeEcho() {
    Serve([](const std::shared_ptr<Stream>& stream) { Reply(*stream, stream->request().body); });
  }
  // Whether a stranger is still served.
  bool Lives() {
    TestClient client(server_->port());
    const Answered& answer = client.Await(client.Begin("/", ""));
    return answer.closed && answer.trailer.count("x-done") == 1;
  }

  FakeClock clock_{absl::FromUnixSeconds(1'000'000)};
  ServerOptions options_;
  Kept kept_;
  std::atomic<int> handled_ = 0;
  std::unique_ptr<ScriptedHandler> handler_;
  std::unique_ptr<Server> server_;
};

}  // namespace lumbar::http2
