#include "services/gateway/edge/cors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/status/matchers.h"

namespace lumbar::gateway {
namespace {

HttpRequest Preflight() {
  HttpRequest request(http::verb::options, "/v1/holds", 11);
  request.set(http::field::origin, "https://clinic.example");
  request.set(http::field::access_control_request_method, "POST");
  return request;
}

boost::beast::string_view AllowedBy(const Cors& cors, absl::string_view origin, HttpAnswer& answer) {
  cors.Allow(origin, answer);
  return answer[http::field::access_control_allow_origin];
}

TEST(CorsTest, LetsListedPagesReadAndNoOthers) {
  const Cors cors({"https://clinic.example", "https://desk.example"});
  HttpAnswer mine, theirs, none;
  EXPECT_EQ(AllowedBy(cors, "https://desk.example", mine), "https://desk.example");
  EXPECT_EQ(AllowedBy(cors, "https://evil.example", theirs), "");
  EXPECT_EQ(AllowedBy(cors, "", none), "");
  EXPECT_EQ(theirs[http::field::vary], "Origin") << "or a cache would give one page's answer to another";
}

TEST(CorsTest, TakesOriginsAsBrowsersSendThem) {
  EXPECT_THAT(CheckOrigins({"*"}), IsOk());
  EXPECT_THAT(CheckOrigins({}), IsOk());
  EXPECT_THAT(
      CheckOrigins({"https://clinic.example", "http://localhost:3000", "http://[::1]:80", "capacitor://localhost"}),
      IsOk());
  for (const char* wrong :
       {"clinic.example", "https://clinic.example/", "https://Clinic.example", " https://clinic.example",
        "https://clinic.example/desk", "https://*.clinic.example", "https://", "null"}) {
    EXPECT_THAT(CheckOrigins({"https://desk.example", wrong}),
                FailsWith(absl::StatusCode::kInvalidArgument, "INVALID_FIELD"))
        << wrong;
  }
}

TEST(CorsTest, LetsEveryPageReadIfToldSoButNeverWithCookies) {
  HttpAnswer answer;
  EXPECT_EQ(AllowedBy(Cors({"*"}), "https://any.example", answer), "*");
  EXPECT_EQ(answer.count(http::field::access_control_allow_credentials), 0u);
}

TEST(CorsTest, KnowsABrowsersQuestionFromACallOfOptions) {
  const Cors cors({"https://clinic.example"});
  EXPECT_TRUE(cors.IsPreflight(Preflight()));
  EXPECT_FALSE(Cors().IsPreflight(Preflight()));
  HttpRequest plain = Preflight();
  plain.erase(http::field::access_control_request_method);
  EXPECT_FALSE(cors.IsPreflight(plain));
}

}  // namespace
}  // namespace lumbar::gateway
