#include "services/notification/adapters/public_address.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>

#include <cstring>
#include <string>

namespace lumbar::notification {
namespace {

bool IsPublic(const std::string& text) {
  sockaddr_storage address = {};
  auto* const v4 = reinterpret_cast<sockaddr_in*>(&address);
  auto* const v6 = reinterpret_cast<sockaddr_in6*>(&address);
  if (inet_pton(AF_INET, text.c_str(), &v4->sin_addr) == 1) {
    address.ss_family = AF_INET;
  } else {
    EXPECT_EQ(inet_pton(AF_INET6, text.c_str(), &v6->sin6_addr), 1) << text;
    address.ss_family = AF_INET6;
  }
  return IsPublicAddress(reinterpret_cast<const sockaddr&>(address));
}

TEST(PublicAddressTest, RefusesWhatTheInternetCannotReach) {
  for (const char* text : {"0.0.0.0",
                           "10.0.0.1",
                           "10.255.255.255",
                           "100.64.0.1",
                           "100.127.255.255",
                           "127.0.0.1",
                           "127.255.0.1",
                           "169.254.169.254",
                           "172.16.0.1",
                           "172.31.255.255",
                           "192.0.0.8",
                           "192.0.2.1",
                           "192.88.99.1",
                           "192.168.0.1",
                           "198.18.0.1",
                           "198.19.255.255",
                           "198.51.100.7",
                           "203.0.113.9",
                           "224.0.0.1",
                           "239.255.255.255",
                           "240.0.0.1",
                           "255.255.255.255",
                           "::",
                           "::1",
                           "::ffff:127.0.0.1",
                           "::ffff:10.0.0.1",
                           "::ffff:169.254.169.254",
                           "::127.0.0.1",
                           "64:ff9b::7f00:1",
                           "100::1",
                           "2001::1",
                           "2001:1ff::1",
                           "2001:db8::1",
                           "2002:7f00:1::",
                           "3fff::1",
                           "fc00::1",
                           "fd12:3456::1",
                           "fe80::1",
                           "fec0::1",
                           "ff02::1"}) {
    EXPECT_FALSE(IsPublic(text)) << text;
  }
}

TEST(PublicAddressTest, AllowsTheRest) {
  for (const char* text : {"1.1.1.1",        "9.255.255.255", "11.0.0.0",        "100.63.255.255", "100.128.0.0",
                           "126.0.0.1",      "169.253.0.1",   "172.15.0.1",      "172.32.0.1",     "192.0.1.1",
                           "192.167.0.1",    "192.169.0.1",   "198.17.0.1",      "198.20.0.1",     "223.255.255.255",
                           "::ffff:1.1.1.1", "2001:200::1",   "2606:4700::1111", "2a00:1450::1",   "3ffe::1"}) {
    EXPECT_TRUE(IsPublic(text)) << text;
  }
}

TEST(PublicAddressTest, RefusesOtherFamilies) {
  sockaddr_storage address = {};
  address.ss_family = AF_UNIX;
  EXPECT_FALSE(IsPublicAddress(reinterpret_cast<const sockaddr&>(address)));
}

}  // namespace
}  // namespace lumbar::notification
