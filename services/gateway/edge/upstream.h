// The services behind the edge.
#pragma once

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace lumbar::gateway {

// Names in lower case, values of printable ASCII.
using Metadata = std::vector<std::pair<std::string, std::string>>;

struct UpstreamCall {
  // "/lumbar.booking.v1.BookingService/CreateHold".
  std::string method;
  // The serialized request.
  std::string request;
  // Sent as it is.
  Metadata metadata;
  absl::Duration time_left;
};

class Upstream {
 public:
  virtual ~Upstream() = default;

  // The serialized response, or the service's own failure with its google.rpc details.
  using Callback = std::function<void(absl::StatusOr<std::string>)>;

  // Makes one unary call, without a retry. Returns at once; calls `done` once, on any thread, at the latest when
  // `time_left` is over. Thread safe.
  // UNAVAILABLE/UPSTREAM_UNAVAILABLE: the service can't be reached. DEADLINE_EXCEEDED/UPSTREAM_TOO_SLOW: no answer in
  // time. INTERNAL/INTERNAL: it failed without a reason of its own.
  virtual void Call(UpstreamCall call, Callback done) = 0;

  // Ends every running call soon; for the end of a drain.
  virtual void CancelAll() = 0;
};

}  // namespace lumbar::gateway
