#include "services/gateway/edge/route_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/status/matchers.h"
#include "lumbar/booking/v1/booking_service.pb.h"
#include "services/gateway/edge/testing.h"

namespace lumbar::gateway {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

TEST(RouteTableTest, HoldsEveryMethodOfTheContracts) {
  ASSERT_OK_AND_ASSIGN(const RouteTable table, RouteTable::Build(AllServices()));
  EXPECT_GT(table.routes().size(), 40u);
  for (const auto& route : table.routes()) EXPECT_NE(route.method, nullptr) << route.path_template;
}

TEST(RouteTableTest, KnowsWhatAMethodDeclares) {
  ASSERT_OK_AND_ASSIGN(const RouteTable table, RouteTable::Build(AllServices()));
  ASSERT_OK_AND_ASSIGN(const RouteTable::Match match, table.Find("POST", "/v1/holds/7:confirm"));
  ASSERT_NE(match.route, nullptr);
  EXPECT_EQ(match.route->GrpcPath(), "/lumbar.booking.v1.BookingService/ConfirmHold");
  EXPECT_EQ(match.route->path_template, "/v1/{name=holds/*}:confirm");
  EXPECT_EQ(match.route->body, "*");
  EXPECT_EQ(match.route->response_body->name(), "appointment");
  EXPECT_TRUE(match.route->served);
  EXPECT_FALSE(match.route->is_public_reading);
  ASSERT_THAT(match.bindings, SizeIs(1));
  EXPECT_EQ(match.bindings[0].value, "holds/7");
}

TEST(RouteTableTest, MarksPlannedMethodsAndPublicReading) {
  ASSERT_OK_AND_ASSIGN(const RouteTable table, RouteTable::Build(AllServices()));
  ASSERT_OK_AND_ASSIGN(const RouteTable::Match planned, table.Find("POST", "/v1/messages"));
  EXPECT_FALSE(planned.route->served);
  ASSERT_OK_AND_ASSIGN(const RouteTable::Match article, table.Find("HEAD", "/v1/articles/sciatica"));
  EXPECT_TRUE(article.route->is_public_reading);
}

TEST(RouteTableTest, TellsAWrongMethodFromAnUnknownPath) {
  ASSERT_OK_AND_ASSIGN(const RouteTable table, RouteTable::Build(AllServices()));
  ASSERT_OK_AND_ASSIGN(const RouteTable::Match match, table.Find("DELETE", "/v1/articles"));
  EXPECT_EQ(match.route, nullptr);
  EXPECT_THAT(match.allowed, ElementsAre("GET", "POST"));
}

TEST(RouteTableTest, RefusesAServiceThatIsNotLinkedAndOneNamedTwice) {
  EXPECT_THAT(RouteTable::Build({"lumbar.none.v1.NoneService"}), StatusIs(absl::StatusCode::kNotFound));
  const std::string booking = lumbar::booking::v1::CreateHoldRequest::descriptor()->file()->service(0)->full_name();
  EXPECT_THAT(RouteTable::Build({booking, booking}), StatusIs(absl::StatusCode::kAlreadyExists));
}

}  // namespace
}  // namespace lumbar::gateway
