#include "services/gateway/edge/forwarding.h"

#include <algorithm>
#include <vector>

#include "services/gateway/edge/errors.h"

namespace lumbar::gateway {

absl::StatusOr<Metadata> ForwardedMetadata(const Exchange& exchange,
                                           absl::Span<const absl::string_view> authorization) {
  Metadata metadata = {{"traceparent", FormatTraceparent(exchange.trace)}, {"x-request-id", exchange.request_id}};
  if (authorization.empty()) return metadata;
  const absl::string_view value = authorization.front();
  const bool printable = std::all_of(value.begin(), value.end(), [](char c) { return c >= ' ' && c <= '~'; });
  if (authorization.size() > 1 || !printable) {
    return MalformedRequest("send one Authorization header of printable ASCII");
  }
  metadata.emplace_back("authorization", value);
  return metadata;
}

absl::StatusOr<Metadata> ForwardedMetadata(const Exchange& exchange, const HttpRequest& request) {
  std::vector<absl::string_view> authorization;
  const auto [first, last] = request.equal_range(http::field::authorization);
  for (auto field = first; field != last; ++field) authorization.push_back(View(field->value()));
  return ForwardedMetadata(exchange, authorization);
}

}  // namespace lumbar::gateway
