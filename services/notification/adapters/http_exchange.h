// One HTTP request and its answer, through libcurl, told apart by what the peer may have done with it.
#pragma once

#include <absl/status/statusor.h>
#include <absl/time/time.h>
#include <curl/curl.h>

#include <functional>
#include <string>
#include <vector>

#include "services/notification/adapters/curl_handles.h"
#include "services/notification/domain/carrier.h"

namespace lumbar::notification {

struct HttpRequest {
  std::string url;
  // Whole lines, e.g. "content-type: application/json".
  std::vector<std::string> headers = {};
  // With a body it is a POST, otherwise a GET.
  std::string body = {};
  // For Basic authentication; empty: none.
  std::string user = {};
  std::string password = {};
  // In all, if it is less than the exchanger's.
  absl::Duration timeout = absl::InfiniteDuration();
};

struct HttpAnswer {
  int code = 0;
  // At most 1 MiB; an answer with more is none.
  std::string body;
  // The Retry-After header, of seconds or of a date.
  absl::Duration retry_after = absl::ZeroDuration();
};

struct HttpOptions {
  // The handshake of TLS included.
  absl::Duration connect_timeout = kConnectTime;
  // In all.
  absl::Duration timeout = absl::Seconds(15);
  // Asked with each address before it is connected to; null: any will do.
  std::function<bool(const sockaddr&)> may_connect = nullptr;
};

// Keeps connections between exchanges. Follows no redirect, uses no proxy, and sends nothing a second time by itself.
// Thread safe: each exchange has a connection of its own.
class HttpExchanger {
 public:
  explicit HttpExchanger(HttpOptions options) : options_(std::move(options)) {}

  // UNAVAILABLE/HTTP_UNREACHABLE: nothing was sent. PERMISSION_DENIED/HTTP_ADDRESS_REFUSED: nor may it be.
  // UNKNOWN/HTTP_NO_ANSWER: the request was on its way; the peer may have acted on it.
  absl::StatusOr<HttpAnswer> Do(const HttpRequest& request);

 private:
  const HttpOptions options_;
  CurlHandles handles_;
};

}  // namespace lumbar::notification
