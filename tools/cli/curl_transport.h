// HTTP by libcurl.
#pragma once

#include <absl/time/time.h>

#include "tools/cli/http_transport.h"

namespace lumbar::cli {

// Not thread safe. Follows no redirect, so that a token goes only where it was meant to.
class CurlTransport final : public HttpTransport {
 public:
  // `deadline` is for a whole exchange, and for the beginning of one that goes on.
  explicit CurlTransport(absl::Duration deadline = absl::Seconds(15)) : deadline_(deadline) {}

  absl::StatusOr<HttpAnswer> Send(const HttpRequest& request) override;
  absl::StatusOr<HttpAnswer> Follow(const HttpRequest& request,
                                    absl::FunctionRef<bool(absl::string_view)> take) override;

 private:
  const absl::Duration deadline_;
};

}  // namespace lumbar::cli
