#include "services/gateway/edge/forwarding.h"

#include <absl/strings/str_join.h>

#include <algorithm>
#include <vector>

#include "services/gateway/edge/errors.h"

namespace lumbar::gateway {
namespace {

std::vector<absl::string_view> ValuesOf(const HttpRequest& request, const char* name) {
  std::vector<absl::string_view> values;
  const auto [first, last] = request.equal_range(name);
  for (auto field = first; field != last; ++field) values.push_back(View(field->value()));
  return values;
}

}  // namespace

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
  return ForwardedMetadata(exchange, ValuesOf(request, "Authorization"));
}

Credentials CredentialsOf(const HttpRequest& request) {
  return {absl::StrJoin(ValuesOf(request, "X-Forwarded-For"), ","), ValuesOf(request, "Authorization")};
}

}  // namespace lumbar::gateway
