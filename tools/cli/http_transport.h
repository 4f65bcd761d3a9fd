// The one thing that the tool needs of HTTP.
#pragma once

#include <absl/status/statusor.h>

#include <string>

namespace lumbar::cli {

struct HttpRequest {
  // "GET" or "POST".
  std::string method;
  std::string url;
  // The bearer token; empty: none is sent.
  std::string token;
  // JSON; empty with GET.
  std::string body;
};

struct HttpAnswer {
  int status = 0;
  std::string body;
};

class HttpTransport {
 public:
  virtual ~HttpTransport() = default;

  // The answer, whatever its status.
  // UNAVAILABLE/SERVER_UNREACHABLE: nobody answers there. DEADLINE_EXCEEDED/SERVER_TOO_SLOW: the answer isn't whole
  // within the transport's deadline. INTERNAL/ANSWER_NOT_UNDERSTOOD: it isn't HTTP, or it is too large.
  virtual absl::StatusOr<HttpAnswer> Send(const HttpRequest& request) = 0;
};

}  // namespace lumbar::cli
