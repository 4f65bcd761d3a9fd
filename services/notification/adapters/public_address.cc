#include "services/notification/adapters/public_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

namespace lumbar::notification {
namespace {

struct Range {
  uint32_t prefix;
  int bits;
};

// Those of RFC 6890 and its successors that aren't reachable from everywhere, multicast, and the old 6to4 relays.
constexpr std::array<Range, 15> kSpecial = {{{0x00000000, 8},
                                             {0x0A000000, 8},
                                             {0x64400000, 10},
                                             {0x7F000000, 8},
                                             {0xA9FE0000, 16},
                                             {0xAC100000, 12},
                                             {0xC0000000, 24},
                                             {0xC0000200, 24},
                                             {0xC0586300, 24},
                                             {0xC0A80000, 16},
                                             {0xC6120000, 15},
                                             {0xC6336400, 24},
                                             {0xCB007100, 24},
                                             {0xE0000000, 4},
                                             {0xF0000000, 4}}};

bool IsPublic(uint32_t address) {
  return std::none_of(kSpecial.begin(), kSpecial.end(),
                      [&](const Range& range) { return ((address ^ range.prefix) >> (32 - range.bits)) == 0; });
}

uint32_t WordAt(const in6_addr& address, size_t offset) {
  uint32_t word = 0;
  std::memcpy(&word, address.s6_addr + offset, sizeof(word));
  return ntohl(word);
}

// Global unicast is 2000::/3, less protocol assignments (2001::/23, Teredo among them), documentation (2001:db8::/32,
// 3fff::/20) and 6to4 (2002::/16), which wraps an IPv4 address.
bool IsPublic(const in6_addr& address) {
  if (IN6_IS_ADDR_V4MAPPED(&address)) return IsPublic(WordAt(address, 12));
  const uint32_t first = WordAt(address, 0);
  const bool global = (first >> 29) == 1;
  const bool special = (first >> 9) == (0x20010000U >> 9) || first == 0x20010DB8 ||
                       (first >> 12) == (0x3FFF0000U >> 12) || (first >> 16) == 0x2002;
  return global && !special;
}

}  // namespace

bool IsPublicAddress(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    sockaddr_in v4 = {};
    std::memcpy(&v4, &address, sizeof(v4));
    return IsPublic(ntohl(v4.sin_addr.s_addr));
  }
  if (address.sa_family != AF_INET6) return false;
  sockaddr_in6 v6 = {};
  std::memcpy(&v6, &address, sizeof(v6));
  return IsPublic(v6.sin6_addr);
}

}  // namespace lumbar::notification
