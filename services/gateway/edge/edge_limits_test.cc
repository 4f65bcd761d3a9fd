// What somebody is told who asks too often, in each protocol's own form.
#include <absl/strings/escaping.h>
#include <gmock/gmock.h>
#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>
#include <nlohmann/json.hpp>

#include <algorithm>

#include "common/http2/testing/client.h"
#include "common/rpc/grpc_wire.h"
#include "common/status/errors.h"
#include "services/gateway/edge/admission_fixture.h"
#include "services/gateway/edge/edge_fixture.h"
#include "services/gateway/edge/pacer.h"
#include "services/gateway/rate_limits/layered_limits.h"

namespace lumbar::gateway {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using Json = nlohmann::json;

constexpr char kArticle[] = "/lumbar.content.v1.ContentService/GetArticle";
constexpr char kWatchMethod[] = "/lumbar.booking.v1.BookingService/WatchAppointments";
constexpr http2::Field kGrpcType = {"content-type", "application/grpc"};

std::string Post(absl::string_view path, absl::string_view type, absl::string_view body) {
  return absl::StrCat("POST ", path, " HTTP/1.1\r\nHost: x\r\nContent-Type: ", type,
                      "\r\nContent-Length: ", body.size(), "\r\n\r\n", body);
}

class EdgeLimitsTest : public EdgeTest {
 protected:
  // One request in a hundred seconds, which the test has made.
  EdgeLimitsTest() {
    const AdmissionOptions options = {Rate{absl::Seconds(100), 1}, std::nullopt, TrustedProxies()};
    Start(Limits(), 2, nullptr,
          std::make_shared<Admission>(options, limits_, believer_.authenticator(), *admission_registry_));
    EXPECT_EQ(RawClient(edge_->port()).Exchange("GET /none HTTP/1.1\r\nHost: x\r\n\r\n")->result_int(), 404u);
  }
  ~EdgeLimitsTest() override { edge_.reset(); }

  HttpAnswer Refused(absl::string_view request) { return RawClient(edge_->port()).Exchange(request).value(); }

  const std::shared_ptr<prometheus::Registry> admission_registry_ = std::make_shared<prometheus::Registry>();
  Believer believer_{clock_};
  LayeredLimits limits_{nullptr, clock_};
};

TEST_F(EdgeLimitsTest, TellsRestHowLongToWait) {
  const HttpAnswer answer = Refused("GET /v1/articles/a HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(answer.result_int(), 429u);
  EXPECT_THAT(std::string(answer[http::field::retry_after]), ::testing::AnyOf("99", "100"));
  EXPECT_TRUE(answer.keep_alive());
  const Json error = Json::parse(answer.body())["error"];
  EXPECT_EQ(error["status"], "RESOURCE_EXHAUSTED");
  EXPECT_THAT(error["details"].dump(),
              AllOf(HasSubstr(R"("reason":"RATE_LIMITED")"), HasSubstr(R"("retryDelay":"99.)")));
  EXPECT_TRUE(upstream_.calls().empty());
}

TEST_F(EdgeLimitsTest, RefusesWhatIsNowhereToo) {
  EXPECT_EQ(Refused("GET /none HTTP/1.1\r\nHost: x\r\n\r\n").result_int(), 429u);
  EXPECT_EQ(Refused("GET / HTTP/1.1\r\nHost: x\r\n\r\n").result_int(), 429u);
}

TEST_F(EdgeLimitsTest, AlwaysTellsItsHealth) {
  RawClient client(edge_->port());
  for (int i = 0; i < 3; ++i) EXPECT_EQ(client.Exchange(kHealth)->result_int(), 200u);
}

TEST_F(EdgeLimitsTest, TellsConnect) {
  const HttpAnswer answer = Refused(Post(kArticle, "application/json", "{}"));
  EXPECT_EQ(answer.result_int(), 429u);
  EXPECT_GT(answer.count(http::field::retry_after), 0u);
  const Json error = Json::parse(answer.body());
  EXPECT_EQ(error["code"], "resource_exhausted");
  EXPECT_THAT(error["details"].dump(),
              AllOf(HasSubstr(R"("reason":"RATE_LIMITED")"), HasSubstr(R"("type":"google.rpc.RetryInfo")")));
}

TEST_F(EdgeLimitsTest, TellsConnectsStreamsBehindA200) {
  const HttpAnswer answer =
      Refused(Post(kWatchMethod, "application/connect+json", rpc::FrameOf(absl::string_view("{}"))));
  EXPECT_EQ(answer.result_int(), 200u);
  EXPECT_EQ(answer[http::field::content_type], "application/connect+json");
  EXPECT_EQ(answer.body().front(), '\2');
  EXPECT_GT(answer.count(http::field::retry_after), 0u);
  EXPECT_THAT(answer.body(), HasSubstr(R"("code":"resource_exhausted")"));
}

TEST_F(EdgeLimitsTest, TellsGrpcWebInItsTrailer) {
  const HttpAnswer answer = Refused(Post(kArticle, "application/grpc-web+proto", rpc::FrameOf(absl::string_view())));
  EXPECT_EQ(answer.result_int(), 200u);
  EXPECT_GT(answer.count(http::field::retry_after), 0u);
  EXPECT_EQ(answer[http::field::content_type], "application/grpc-web+proto");
  EXPECT_EQ(answer.body().front(), '\x80');
  EXPECT_THAT(answer.body(), HasSubstr("grpc-status: 8\r\n"));
  EXPECT_THAT(answer.body(), HasSubstr("grpc-status-details-bin: "));
}

TEST_F(EdgeLimitsTest, TellsGrpcInItsTrailer) {
  http2::TestClient client(edge_->port());
  const auto& answer = client.Await(client.Begin(kArticle, rpc::FrameOf(absl::string_view()), {kGrpcType}));
  EXPECT_EQ(answer.header.at(":status"), "200");
  const auto& trailer = answer.trailer.empty() ? answer.header : answer.trailer;
  EXPECT_EQ(trailer.at("grpc-status"), "8");
  std::string bytes;
  ASSERT_TRUE(absl::Base64Unescape(trailer.at("grpc-status-details-bin"), &bytes));
  google::rpc::Status status;
  ASSERT_TRUE(status.ParseFromString(bytes));
  EXPECT_EQ(ReasonOf(FromRpcStatus(status)), "RATE_LIMITED");
  EXPECT_TRUE(std::any_of(status.details().begin(), status.details().end(),
                          [](const auto& detail) { return detail.template Is<google::rpc::RetryInfo>(); }));
}

TEST_F(EdgeLimitsTest, CountsWhatIsTooLongToBeRead) {
  http2::TestClient client(edge_->port());
  const std::string long_value(20 * 1024, 'x');
  const auto& answer = client.Await(client.Begin("/v1/articles/a", "", {{"x-long", long_value}}));
  EXPECT_EQ(answer.header.at(":status"), "429");
}

TEST_F(EdgeLimitsTest, LetsRefusalsThatFollowEachOtherTakeTurns) {
  RawClient client(edge_->port());
  const absl::Time began = absl::Now();
  for (int i = 0; i < 200; ++i) {
    EXPECT_EQ(client.Exchange("GET /none HTTP/1.1\r\nHost: x\r\n\r\n")->result_int(), 429u);
  }
  EXPECT_GE(absl::Now() - began, 190 * Pacer::kInterval);
}

TEST_F(EdgeLimitsTest, TellsHttpOverHttp2) {
  http2::TestClient client(edge_->port());
  EXPECT_EQ(client.Await(client.Begin("/v1/articles/a", "", {}, true, "GET")).header.at(":status"), "429");
  EXPECT_EQ(client.Await(client.Begin("/healthz", "", {}, true, "GET")).header.at(":status"), "200");
}

}  // namespace
}  // namespace lumbar::gateway
