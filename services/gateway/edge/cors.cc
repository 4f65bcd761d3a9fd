#include "services/gateway/edge/cors.h"

#include <re2/re2.h>

#include <algorithm>

#include "common/status/errors.h"

namespace lumbar::gateway {
namespace {

// What Connect's, gRPC-Web's, FHIR's and our own clients send and read.
constexpr char kMethods[] = "GET, POST, PUT, PATCH, DELETE";
constexpr char kSent[] =
    "Content-Type, Authorization, Connect-Protocol-Version, Connect-Timeout-Ms, Connect-Accept-Encoding, "
    "Connect-Content-Encoding, Grpc-Timeout, X-Grpc-Web, X-User-Agent, Traceparent, Idempotency-Key, If-Match, "
    "If-None-Match, "
    "Last-Event-ID, Prefer, X-Medplum, X-Request-Id, X-Request-Timeout";
constexpr char kRead[] =
    "Content-Encoding, Connect-Content-Encoding, Grpc-Status, Grpc-Message, Grpc-Status-Details-Bin, "
    "Content-Disposition, "
    "ETag, Last-Modified, Location, Retry-After, X-Request-Id";
// Two hours, the most that browsers keep.
constexpr char kKept[] = "7200";

}  // namespace

absl::Status CheckOrigins(const std::vector<std::string>& origins) {
  static const RE2* const origin = new RE2(R"([a-z][a-z0-9+.-]*://([a-z0-9._-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?)");
  const bool fit = std::all_of(origins.begin(), origins.end(),
                               [](const std::string& one) { return one == "*" || RE2::FullMatch(one, *origin); });
  if (fit) return absl::OkStatus();
  return InvalidField("cors-origins",
                      "give origins as browsers send them, like https://clinic.example, without a path; or *");
}

bool Cors::IsPreflight(const HttpRequest& request) const {
  return !origins_.empty() && request.method() == http::verb::options && request.count(http::field::origin) > 0 &&
         request.count(http::field::access_control_request_method) > 0;
}

HttpAnswer Cors::Preflight() {
  HttpAnswer answer(http::status::no_content, 11);
  answer.set(http::field::access_control_allow_methods, kMethods);
  answer.set(http::field::access_control_allow_headers, kSent);
  answer.set(http::field::access_control_max_age, kKept);
  return answer;
}

void Cors::Allow(absl::string_view origin, HttpAnswer& answer) const {
  if (origins_.empty()) return;
  answer.insert(http::field::vary, "Origin");
  const bool any = std::find(origins_.begin(), origins_.end(), "*") != origins_.end();
  if (origin.empty() || (!any && std::find(origins_.begin(), origins_.end(), origin) == origins_.end())) return;
  answer.set(http::field::access_control_allow_origin, any ? "*" : View(origin));
  answer.set(http::field::access_control_expose_headers, kRead);
}

}  // namespace lumbar::gateway
