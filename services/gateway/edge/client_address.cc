#include "services/gateway/edge/client_address.h"

#include <absl/strings/ascii.h>
#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_split.h>

#include <algorithm>
#include <optional>

#include "common/status/errors.h"

namespace lumbar::gateway {
namespace {

namespace ip = boost::asio::ip;

constexpr unsigned short kSubscriberBits = 64;

ip::address Plain(const ip::address& address) {
  if (!address.is_v6() || !address.to_v6().is_v4_mapped()) return address;
  return ip::make_address_v4(ip::v4_mapped, address.to_v6());
}

std::optional<ip::address> Parsed(absl::string_view text) {
  boost::system::error_code error;
  const auto address = ip::make_address(std::string(text), error);
  if (error) return std::nullopt;
  return Plain(address);
}

// As proxies write it: an address, maybe with a port, IPv6 then in brackets.
std::optional<ip::address> HopIn(absl::string_view hop) {
  hop = absl::StripAsciiWhitespace(hop);
  if (absl::StartsWith(hop, "[")) return Parsed(hop.substr(1, hop.find(']') - 1));
  if (std::count(hop.begin(), hop.end(), ':') == 1) hop = hop.substr(0, hop.find(':'));
  return Parsed(hop);
}

}  // namespace

absl::StatusOr<TrustedProxies> TrustedProxies::Parse(absl::string_view list) {
  TrustedProxies proxies;
  for (const absl::string_view part : absl::StrSplit(list, ',', absl::SkipWhitespace())) {
    const std::string text(absl::StripAsciiWhitespace(part));
    const bool single = !absl::StrContains(text, "/");
    boost::system::error_code error;
    if (absl::StrContains(text, ":")) {
      proxies.v6_.push_back(ip::make_network_v6(single ? text + "/128" : text, error).canonical());
    } else {
      proxies.v4_.push_back(ip::make_network_v4(single ? text + "/32" : text, error).canonical());
    }
    if (error) return InvalidField("trusted-proxies", "give networks, like 10.0.0.0/8,2001:db8::/32");
  }
  return proxies;
}

bool TrustedProxies::Trusts(const ip::address& address) const {
  const auto covers = [&](const auto& network, const auto& one) {
    return std::decay_t<decltype(network)>(one, network.prefix_length()).canonical() == network;
  };
  if (address.is_v4()) {
    return std::any_of(v4_.begin(), v4_.end(), [&](const auto& network) { return covers(network, address.to_v4()); });
  }
  return std::any_of(v6_.begin(), v6_.end(), [&](const auto& network) { return covers(network, address.to_v6()); });
}

ip::address TrustedProxies::ClientOf(const ip::address& peer, absl::string_view forwarded_for) const {
  ip::address client = Plain(peer);
  if (empty() || forwarded_for.empty()) return client;
  const std::vector<absl::string_view> hops = absl::StrSplit(forwarded_for, ',');
  for (auto hop = hops.rbegin(); hop != hops.rend() && Trusts(client); ++hop) {
    const auto before = HopIn(*hop);
    if (!before) break;
    client = *before;
  }
  return client;
}

std::string NetworkOf(const ip::address& address) {
  const ip::address plain = Plain(address);
  if (plain.is_v4()) return plain.to_string();
  auto bytes = plain.to_v6().to_bytes();
  std::fill(bytes.begin() + kSubscriberBits / 8, bytes.end(), 0);
  return absl::StrCat(ip::make_address_v6(bytes).to_string(), "/", kSubscriberBits);
}

}  // namespace lumbar::gateway
