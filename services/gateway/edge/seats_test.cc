#include "services/gateway/edge/seats.h"

#include <gtest/gtest.h>

#include <vector>

#include "common/status/matchers.h"

namespace lumbar::gateway {
namespace {

class SeatsTest : public ::testing::Test {
 protected:
  std::shared_ptr<void> Take(const char* address) { return seats_.Take(boost::asio::ip::make_address(address)); }

  Seats seats_{2, *TrustedProxies::Parse("10.0.0.0/8")};
};

TEST_F(SeatsTest, LeavesTheOthersTheirsWhenOneHasAll) {
  const auto first = Take("192.0.2.7"), second = Take("192.0.2.7");
  EXPECT_NE(second, nullptr);
  EXPECT_EQ(Take("192.0.2.7"), nullptr);
  EXPECT_NE(Take("192.0.2.8"), nullptr);
}

TEST_F(SeatsTest, GivesASeatAgainThatWasLeft) {
  const auto first = Take("192.0.2.7");
  for (int i = 0; i < 10; ++i) EXPECT_NE(Take("192.0.2.7"), nullptr);
}

TEST_F(SeatsTest, CountsANetworkAsOne) {
  const auto first = Take("2001:db8::1"), second = Take("2001:db8::2");
  EXPECT_EQ(Take("2001:db8::ffff"), nullptr);
  EXPECT_NE(Take("2001:db8:0:1::1"), nullptr);
}

TEST_F(SeatsTest, GivesAProxyAsManyAsItLikes) {
  std::vector<std::shared_ptr<void>> taken(100);
  for (auto& seat : taken) EXPECT_NE(seat = Take("10.1.2.3"), nullptr);
}

}  // namespace
}  // namespace lumbar::gateway
