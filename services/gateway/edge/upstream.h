// The services behind the edge.
#pragma once

#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>
#include <absl/strings/strip.h>
#include <absl/time/time.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace lumbar::gateway {

// Names in lower case, values of printable ASCII.
using Metadata = std::vector<std::pair<std::string, std::string>>;

// "lumbar.booking.v1.BookingService" of "/lumbar.booking.v1.BookingService/CreateHold".
inline absl::string_view ServiceIn(absl::string_view method) {
  absl::ConsumePrefix(&method, "/");
  return method.substr(0, method.rfind('/'));
}

struct UpstreamCall {
  // "/lumbar.booking.v1.BookingService/CreateHold".
  std::string method;
  // The serialized request.
  std::string request;
  // Sent as it is.
  Metadata metadata;
  absl::Duration time_left;
};

// What a streamed answer's messages go to. Called by any thread, one call at a time.
class StreamTaker {
 public:
  virtual ~StreamTaker() = default;
  // A serialized message.
  virtual void OnMessage(const std::string& message) = 0;
  // Nothing comes after it. Fails as Upstream::Call does.
  virtual void OnEnd(const absl::Status& status) = 0;
};

// A call that is answered by a stream. Thread safe.
class UpstreamStream {
 public:
  virtual ~UpstreamStream() = default;
  // Reads one more message. Once for each that is wanted; nothing after the end.
  virtual void Next() = 0;
  // Ends the call soon.
  virtual void Cancel() = 0;
};

// Gives a call up, soon: whoever wants its answer is gone. Any thread may call it, at any time, also after the end;
// null: there is nothing to give up.
using GiveUp = std::function<void()>;

class Upstream {
 public:
  virtual ~Upstream() = default;

  // The serialized response, or the service's own failure with its google.rpc details.
  using Callback = std::function<void(absl::StatusOr<std::string>)>;

  // Makes one unary call, and once more what came to nothing if twice is like once (retry.h). Returns at once; calls
  // `done` once, on any thread, at the latest when `time_left` is over. Thread safe. UNAVAILABLE/UPSTREAM_UNAVAILABLE:
  // the service can't be reached. DEADLINE_EXCEEDED/UPSTREAM_TOO_SLOW: no answer in time. INTERNAL/INTERNAL: it failed
  // without a reason of its own. CANCELLED/CLIENT_GONE: it was given up.
  virtual GiveUp Call(UpstreamCall call, Callback done) = 0;

  // Makes one call that is answered by a stream; reads nothing until it is told to. Thread safe.
  virtual std::shared_ptr<UpstreamStream> Open(UpstreamCall call, std::shared_ptr<StreamTaker> taker) = 0;

  // How a call of `method` would be refused at once, for whoever hasn't read the request yet; OK: it may be made, as
  // far as is known. Thread safe.
  virtual absl::Status CheckRoom(absl::string_view method, bool is_stream) {
    (void)method, (void)is_stream;
    return absl::OkStatus();
  }

  // Ends every running call soon, and any that is begun later at once; for the end of a drain.
  virtual void CancelAll() = 0;
};

}  // namespace lumbar::gateway
