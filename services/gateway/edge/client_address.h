// Which address a request is counted against.
#pragma once

#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>

#include <string>
#include <vector>

namespace lumbar::gateway {

// The proxies in front of the public port whose word on where a request came from is taken.
class TrustedProxies {
 public:
  // Nobody's.
  TrustedProxies() = default;
  // "10.0.0.0/8,2001:db8::/32"; a single address needs no length. INVALID_ARGUMENT/INVALID_FIELD for anything else.
  static absl::StatusOr<TrustedProxies> Parse(absl::string_view list);

  bool empty() const { return v4_.empty() && v6_.empty(); }

  // The last hop that isn't ours: `peer` unless it is a trusted proxy, then the last untrusted one that X-Forwarded-For
  // names. What stands before that anybody may have written.
  boost::asio::ip::address ClientOf(const boost::asio::ip::address& peer, absl::string_view forwarded_for) const;
  // Whether it is one of them.
  bool Trusts(const boost::asio::ip::address& address) const;

 private:
  std::vector<boost::asio::ip::network_v4> v4_;
  std::vector<boost::asio::ip::network_v6> v6_;
};

// What all addresses of one client have in common: an IPv4 address, also one that IPv6 carries, or the /64 of an IPv6
// address, of which any subscriber has at least one.
std::string NetworkOf(const boost::asio::ip::address& address);

}  // namespace lumbar::gateway
