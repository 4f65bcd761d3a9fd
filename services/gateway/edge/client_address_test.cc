#include "services/gateway/edge/client_address.h"

#include <gtest/gtest.h>

#include "common/status/matchers.h"

namespace lumbar::gateway {
namespace {

std::string Client(const char* proxies, const char* peer, absl::string_view forwarded_for) {
  return TrustedProxies::Parse(proxies)->ClientOf(boost::asio::ip::make_address(peer), forwarded_for).to_string();
}

std::string Network(const char* address) { return NetworkOf(boost::asio::ip::make_address(address)); }

TEST(ClientAddressTest, IsThePeersUnlessThatIsAProxyOfOurs) {
  EXPECT_EQ(Client("", "192.0.2.7", "198.51.100.1"), "192.0.2.7");
  EXPECT_EQ(Client("10.0.0.0/8", "192.0.2.7", "198.51.100.1"), "192.0.2.7");
  EXPECT_EQ(Client("10.0.0.0/8", "10.1.2.3", "198.51.100.1"), "198.51.100.1");
  EXPECT_EQ(Client("10.0.0.0/8", "10.1.2.3", ""), "10.1.2.3");
  EXPECT_EQ(Client("2001:db8::/32", "2001:db8::1", "198.51.100.1"), "198.51.100.1");
  EXPECT_EQ(Client("2001:db8::/32", "2001:db9::1", "198.51.100.1"), "2001:db9::1");
}

TEST(ClientAddressTest, IsTheLastHopThatIsntOurs) {
  const char* ours = "10.0.0.0/8,192.168.1.1";
  EXPECT_EQ(Client(ours, "10.0.0.1", "1.1.1.1, 2.2.2.2, 192.168.1.1,10.0.0.2"), "2.2.2.2");
  EXPECT_EQ(Client(ours, "10.0.0.1", "10.0.0.9"), "10.0.0.9") << "a client among our own";
  EXPECT_EQ(Client(ours, "10.0.0.1", "1.1.1.1, 192.168.1.2"), "192.168.1.2");
}

TEST(ClientAddressTest, StopsAtWhatIsNoAddress) {
  EXPECT_EQ(Client("10.0.0.0/8", "10.0.0.1", "1.1.1.1, unknown"), "10.0.0.1");
  EXPECT_EQ(Client("10.0.0.0/8", "10.0.0.1", "1.1.1.1, _hidden, 10.0.0.2"), "10.0.0.2");
  for (const char* nonsense : {",", "[", "[]", "[::1", ":::", "1.1.1", "1.1.1.1.1", " "}) {
    EXPECT_EQ(Client("10.0.0.0/8", "10.0.0.1", nonsense), nonsense == std::string("[::1") ? "::1" : "10.0.0.1")
        << nonsense;
  }
}

TEST(ClientAddressTest, TakesPortsAndBracketsOff) {
  EXPECT_EQ(Client("10.0.0.0/8", "10.0.0.1", "1.1.1.1:443"), "1.1.1.1");
  EXPECT_EQ(Client("10.0.0.0/8", "10.0.0.1", "[2001:db8::7]:443"), "2001:db8::7");
  EXPECT_EQ(Client("10.0.0.0/8", "10.0.0.1", "2001:db8::7"), "2001:db8::7");
}

TEST(ClientAddressTest, KnowsIpv4InsideOfIpv6) {
  EXPECT_EQ(Client("10.0.0.0/8", "::ffff:10.0.0.1", "::ffff:1.1.1.1"), "1.1.1.1");
  EXPECT_EQ(Network("::ffff:192.0.2.7"), "192.0.2.7");
}

TEST(ClientAddressTest, CountsASubscribersIpv6AddressesAsOne) {
  EXPECT_EQ(Network("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
  EXPECT_EQ(Network("2001:db8:1:2::9"), Network("2001:db8:1:2:ffff::1"));
  EXPECT_NE(Network("2001:db8:1:2::9"), Network("2001:db8:1:3::9"));
  EXPECT_EQ(Network("192.0.2.7"), "192.0.2.7");
  EXPECT_NE(Network("192.0.2.7"), Network("192.0.2.8"));
}

TEST(ClientAddressTest, RefusesWhatIsNoNetwork) {
  for (const char* list :
       {"10.0.0.0/33", "10.0.0/8", "localhost", "2001:db8::/129", "10.0.0.0/8;10.0.0.1", "/8", ":"}) {
    EXPECT_THAT(TrustedProxies::Parse(list), FailsWith(absl::StatusCode::kInvalidArgument, "INVALID_FIELD")) << list;
  }
  EXPECT_THAT(TrustedProxies::Parse(" 10.0.0.0/8 , ::1, 192.0.2.0/24,"), IsOk());
}

}  // namespace
}  // namespace lumbar::gateway
