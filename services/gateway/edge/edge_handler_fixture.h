// A handler over an upstream that a test answers for.
#pragma once

#include <gtest/gtest.h>
#include <prometheus/registry.h>

#include <memory>
#include <sstream>
#include <string>

#include "common/telemetry/log.h"
#include "services/gateway/edge/edge_handler.h"
#include "services/gateway/edge/fake_upstream.h"
#include "services/gateway/edge/testing.h"

namespace lumbar::gateway {

class EdgeHandlerTest : public ::testing::Test {
 protected:
  EdgeHandlerTest() { InitLoggingTo(log_, "gateway", LogLevel::kInfo); }

  static HttpRequest Request(http::verb method, absl::string_view target, std::string body = "") {
    HttpRequest request(method, View(target), 11);
    request.set(http::field::host, "lumbar.example");
    if (!body.empty()) request.set(http::field::content_type, "application/json; charset=utf-8");
    request.body() = std::move(body);
    return request;
  }

  HttpAnswer Answer(const HttpRequest& request) {
    HttpAnswer answer;
    int answers = 0;
    handler_.Handle(request, Visitor(), [&](HttpAnswer given, const std::shared_ptr<BodySource>&) {
      answer = std::move(given);
      ++answers;
    });
    EXPECT_EQ(answers, 1);
    return answer;
  }

  // The header of an answer that is a stream, once its first message is there.
  HttpAnswer Stream(const HttpRequest& request, const google::protobuf::Message& first) {
    HttpAnswer head;
    handler_.Handle(request, Visitor(), [&](HttpAnswer given, std::shared_ptr<BodySource> source) {
      head = std::move(given);
      source_ = std::move(source);
    });
    upstream_.Send(first.SerializeAsString());
    EXPECT_NE(source_, nullptr);
    return head;
  }
  // The body's next piece, which must be there; nothing if it is over.
  std::optional<std::string> Piece() {
    std::optional<std::string> piece;
    bool given = false;
    source_->Next([&](std::optional<std::string> next) {
      piece = std::move(next);
      given = true;
    });
    EXPECT_TRUE(given);
    return piece;
  }

  HttpAnswer Get(absl::string_view target) { return Answer(Request(http::verb::get, target)); }

  std::shared_ptr<BodySource> source_;
  std::ostringstream log_;
  FakeClock clock_{absl::FromUnixSeconds(1767323045)};
  FakeUpstream upstream_;
  bool is_ready_ = true;
  std::shared_ptr<prometheus::Registry> registry_ = std::make_shared<prometheus::Registry>();
  ExchangeRecorder recorder_{registry_, clock_, clock_};
  Admission admission_;
  EdgeHandler handler_{*RouteTable::Build(AllServices()), upstream_, admission_,
                       [this] { return is_ready_; },      Limits(),  recorder_};
};

}  // namespace lumbar::gateway
