// Which other web pages' scripts may call (the Fetch standard's CORS). Tokens come in a header, never in a cookie, so
// nothing is allowed "with credentials".
#pragma once

#include <absl/status/status.h>
#include <absl/strings/string_view.h>

#include <string>
#include <vector>

#include "services/gateway/edge/http.h"

namespace lumbar::gateway {

// INVALID_ARGUMENT/INVALID_FIELD: one isn't spelt as browsers send it, so that no page could ever match it.
absl::Status CheckOrigins(const std::vector<std::string>& origins);

class Cors {
 public:
  // Nobody but pages of the public port itself.
  Cors() = default;
  // Origins such as "https://clinic.example"; "*": any.
  explicit Cors(std::vector<std::string> origins) : origins_(std::move(origins)) {}

  // A browser's question whether it may send. Always false if nobody may.
  bool IsPreflight(const HttpRequest& request) const;
  // Its answer, still without Allow.
  static HttpAnswer Preflight();
  // Lets a page of `origin`, which may be "", read the answer, if it may.
  void Allow(absl::string_view origin, HttpAnswer& answer) const;

 private:
  std::vector<std::string> origins_;
};

}  // namespace lumbar::gateway
