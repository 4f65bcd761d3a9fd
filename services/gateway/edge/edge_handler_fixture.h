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
    handler_.Handle(request, [&](HttpAnswer given) {
      answer = std::move(given);
      ++answers;
    });
    EXPECT_EQ(answers, 1);
    return answer;
  }

  HttpAnswer Get(absl::string_view target) { return Answer(Request(http::verb::get, target)); }

  std::ostringstream log_;
  FakeClock clock_{absl::FromUnixSeconds(1767323045)};
  FakeUpstream upstream_;
  bool is_ready_ = true;
  std::shared_ptr<prometheus::Registry> registry_ = std::make_shared<prometheus::Registry>();
  ExchangeRecorder recorder_{registry_, clock_};
  EdgeHandler handler_{*RouteTable::Build(AllServices()), upstream_, [this] { return is_ready_; }, Limits(), recorder_};
};

}  // namespace lumbar::gateway
