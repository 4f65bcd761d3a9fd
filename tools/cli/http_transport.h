// The one thing that the tool needs of HTTP.
#pragma once

#include <absl/functional/function_ref.h>
#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>

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

  // The same for an answer that goes on for long: a good one's body is given to `take` as it comes and is empty at the
  // end, which comes when the server ends it or `take` returns false.
  // DEADLINE_EXCEEDED/SERVER_TOO_SLOW: nothing has come for long.
  virtual absl::StatusOr<HttpAnswer> Follow(const HttpRequest& request,
                                            absl::FunctionRef<bool(absl::string_view)> take) = 0;
};

}  // namespace lumbar::cli
