// Calls of an upstream whose peer a test plays, frame by frame.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "common/rpc/grpc_wire.h"
#include "common/status/matchers.h"
#include "services/gateway/edge/http2_upstream.h"
#include "services/gateway/edge/raw_peer.h"
#include "services/gateway/edge/test_service.h"

namespace lumbar::gateway {

using Answer = absl::StatusOr<std::string>;

MATCHER(IsUnavailable, "") {
  return ::testing::ExplainMatchResult(FailsWith(absl::StatusCode::kUnavailable, "UPSTREAM_UNAVAILABLE"), arg,
                                       result_listener);
}
MATCHER(IsInternal, "") {
  return ::testing::ExplainMatchResult(FailsWith(absl::StatusCode::kInternal, "INTERNAL"), arg, result_listener);
}

// How a call ends. A test whose call never ends fails by that, not by waiting for ever.
class PendingAnswer {
 public:
  explicit PendingAnswer(std::future<Answer> future) : future_(std::move(future)) {}

  bool Within(std::chrono::milliseconds time) const { return future_.wait_for(time) == std::future_status::ready; }
  Answer get() {
    if (!Within(std::chrono::seconds(10))) return absl::InternalError("the call hasn't ended after ten seconds");
    return future_.get();
  }

 private:
  std::future<Answer> future_;
};

// An upstream on a fake clock, and a peer that the test plays.
class Http2UpstreamTest : public ::testing::Test {
 protected:
  Http2UpstreamTest() { options_.limits.tick = absl::Milliseconds(5); }

  void Connect(const std::string& target) {
    ASSERT_OK_AND_ASSIGN(upstream_, Http2Upstream::Create({{std::string(kTestService), target}}, clock_, options_));
  }
  // To the peer, which the test plays.
  void Connect() { Connect(absl::StrCat("127.0.0.1:", peer_.port())); }

  PendingAnswer Begin(std::string request = "", absl::string_view method = "Echo") {
    auto promise = std::make_shared<std::promise<Answer>>();
    upstream_->Call({absl::StrCat("/", kTestService, "/", method), std::move(request), {}, absl::Hours(1)},
                    [promise](Answer answer) { promise->set_value(std::move(answer)); });
    return PendingAnswer(promise->get_future());
  }
  static std::string Good(uint32_t stream, absl::string_view message = "good") {
    return HeaderFrame(stream) + DataFrame(stream, rpc::FrameOf(message)) + TrailerFrame(stream);
  }
  // How a call ends to which the peer says `bytes` on a stream of its own.
  Answer AnswerTo(const std::function<std::string(uint32_t)>& bytes) {
    auto answer = Begin();
    if (!connection_) connection_.emplace(peer_.Greet());
    connection_->Send(bytes(connection_->AwaitRequest()));
    return answer.get();
  }
  // Moves the clock on until the call has ended.
  Answer AwaitAfter(PendingAnswer& answer, absl::Duration step) {
    for (int i = 0; i < 5000 && !answer.Within(std::chrono::milliseconds(2)); ++i) clock_.Advance(step);
    return answer.get();
  }

  FakeClock clock_{absl::FromUnixSeconds(1'000'000)};
  UpstreamOptions options_;
  const http2::Limits& limits_ = options_.limits;
  RawPeer peer_;
  std::optional<RawConnection> connection_;
  std::unique_ptr<Http2Upstream> upstream_;
};

}  // namespace lumbar::gateway
