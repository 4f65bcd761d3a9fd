#include "common/telemetry/metrics.h"

#include <curl/curl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include "common/status/matchers.h"

namespace lumbar {
namespace {

using ::testing::HasSubstr;

size_t Collect(char* bytes, size_t size, size_t count, void* text) {
  static_cast<std::string*>(text)->append(bytes, size * count);
  return size * count;
}

std::string Fetch(const std::string& url) {
  std::string body;
  CURL* curl = curl_easy_init();
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
  curl_easy_setopt(curl, CURLOPT_TIMEOUT, 10L);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &Collect);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &body);
  EXPECT_EQ(curl_easy_perform(curl), CURLE_OK);
  curl_easy_cleanup(curl);
  return body;
}

class MetricsTest : public ::testing::Test {
 protected:
  std::string Text() const { return prometheus::TextSerializer().Serialize(registry_->Collect()); }

  const std::shared_ptr<prometheus::Registry> registry_ = std::make_shared<prometheus::Registry>();
  RpcMetrics metrics_{registry_};
};

TEST_F(MetricsTest, CountStartedAndHandledCallsByCode) {
  MethodMetrics* hold = metrics_.ForMethod("lumbar.booking.v1.BookingService", "CreateHold");
  hold->Started();
  hold->Started();
  hold->Handled(absl::StatusCode::kOk, absl::Milliseconds(20));
  hold->Handled(absl::StatusCode::kAlreadyExists, absl::Seconds(3));
  const std::string labels =
      R"(grpc_method="CreateHold",grpc_service="lumbar.booking.v1.BookingService",grpc_type="unary")";
  EXPECT_THAT(Text(), HasSubstr(absl::StrCat("grpc_server_started_total{", labels, "} 2")));
  EXPECT_THAT(Text(), HasSubstr(absl::StrCat("grpc_server_handled_total{grpc_code=\"AlreadyExists\",", labels, "} 1")));
  EXPECT_THAT(Text(), HasSubstr(absl::StrCat("grpc_server_handled_total{grpc_code=\"Internal\",", labels, "} 0")));
  EXPECT_THAT(Text(), HasSubstr(absl::StrCat("grpc_server_handling_seconds_bucket{", labels, ",le=\"0.025\"} 1")));
  EXPECT_THAT(Text(), HasSubstr(absl::StrCat("grpc_server_handling_seconds_bucket{", labels, ",le=\"5\"} 2")));
  EXPECT_THAT(Text(), HasSubstr(absl::StrCat("grpc_server_handling_seconds_count{", labels, "} 2")));
}

TEST_F(MetricsTest, ResolveAMethodOnce) {
  EXPECT_EQ(metrics_.ForMethod("s", "m"), metrics_.ForMethod("s", "m"));
  EXPECT_NE(metrics_.ForMethod("s", "m"), metrics_.ForMethod("s", "m", RpcType::kServerStream));
}

TEST_F(MetricsTest, CountACodeThatNobodyKnowsAsUnknown) {
  metrics_.ForMethod("s", "m")->Handled(static_cast<absl::StatusCode>(99), absl::ZeroDuration());
  EXPECT_THAT(Text(), HasSubstr(R"(grpc_code="Unknown",grpc_method="m",grpc_service="s",grpc_type="unary"} 1)"));
}

TEST_F(MetricsTest, AreServedOverHttp) {
  metrics_.ForMethod("s", "m")->Started();
  ASSERT_OK_AND_ASSIGN(auto endpoint, MetricsEndpoint::Start("127.0.0.1", 0, registry_));
  EXPECT_THAT(Fetch(absl::StrCat("http://127.0.0.1:", endpoint->port(), "/metrics")),
              HasSubstr(R"(grpc_server_started_total{grpc_method="m",grpc_service="s",grpc_type="unary"} 1)"));
}

TEST_F(MetricsTest, EndAtOnce) {
  for (const char* address : {"127.0.0.1", "0.0.0.0"}) {
    ASSERT_OK_AND_ASSIGN(auto endpoint, MetricsEndpoint::Start(address, 0, registry_));
    const absl::Time began = absl::Now();
    endpoint.reset();
    EXPECT_LT(absl::Now() - began, absl::Seconds(1)) << address << "; by itself it takes two";
  }
}

TEST_F(MetricsTest, SaySoWhenTheirPortIsTaken) {
  ASSERT_OK_AND_ASSIGN(auto first, MetricsEndpoint::Start("127.0.0.1", 0, registry_));
  EXPECT_THAT(MetricsEndpoint::Start("127.0.0.1", first->port(), registry_),
              FailsWith(absl::StatusCode::kUnavailable, "METRICS_PORT_TAKEN"));
}

}  // namespace
}  // namespace lumbar
