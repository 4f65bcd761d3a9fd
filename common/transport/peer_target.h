// Where a service is, and who it must prove to be.
#pragma once

#include <absl/strings/string_view.h>

#include <optional>
#include <string>

namespace lumbar::transport {

struct PeerTarget {
  // For which name its certificate must be, with TLS; nothing: the host's. "": the name of our own certificate.
  std::optional<std::string> name;
  // "booking:9093", "10.0.0.7:9093" or "dns:///booking:9093".
  std::string address;
};

// An address alone, or "name@address".
inline PeerTarget ParsePeerTarget(absl::string_view target) {
  const size_t at = target.find('@');
  if (at == absl::string_view::npos) return {std::nullopt, std::string(target)};
  return {std::string(target.substr(0, at)), std::string(target.substr(at + 1))};
}

}  // namespace lumbar::transport
