// HTTP by libcurl.
#pragma once

#include <absl/time/time.h>

#include "tools/cli/http_transport.h"

namespace lumbar::cli {

// Not thread safe. Follows no redirect, so that a token goes only where it was meant to.
class CurlTransport final : public HttpTransport {
 public:
  // `deadline` is for a whole exchange.
  explicit CurlTransport(absl::Duration deadline = absl::Seconds(15)) : deadline_(deadline) {}

  absl::StatusOr<HttpAnswer> Send(const HttpRequest& request) override;

 private:
  const absl::Duration deadline_;
};

}  // namespace lumbar::cli
