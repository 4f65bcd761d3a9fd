// What one client may cost the edge. README.md lists them.
#pragma once

#include <absl/time/time.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "common/rpc/stream.h"

namespace lumbar::gateway {

struct Limits {
  size_t header_bytes = 16 * 1024;
  size_t body_bytes = 256 * 1024;
  // One that says nothing costs less than a kilobyte, for `header_time`.
  size_t connections = 10'000;
  // Of one network; not of proxies that are trusted.
  size_t connections_of_one = 1000;
  // What the HTTP/2 connections of one loop may hold of requests and answers; see http2::Limits.
  size_t loop_bytes = 16 * 1024 * 1024;
  // At a time, of one connection of HTTP/2.
  uint32_t streams = 100;
  // For TLS to begin.
  absl::Duration handshake_time = absl::Seconds(10);
  // From the first byte of a request to the end of its header, from there to the end of its body.
  absl::Duration header_time = absl::Seconds(10);
  absl::Duration body_time = absl::Seconds(15);
  // Between two requests of a connection, and for a client to take an answer.
  absl::Duration idle_time = absl::Seconds(60);
  absl::Duration write_time = absl::Seconds(15);
  // Of one upstream call, unless the client asks for another by X-Request-Timeout; never longer than `max_call_time`.
  absl::Duration call_time = absl::Seconds(10);
  absl::Duration max_call_time = absl::Seconds(60);
  // Of a call that is answered by a stream. A little longer than its service's own time: whoever follows is told by the
  // service that this stream has ended and another goes on, not that nobody answered.
  absl::Duration stream_time = rpc::kLongestStream + absl::Seconds(10);

  // What a call gets whose client asked for so much, or for nothing.
  absl::Duration TimeOf(std::optional<absl::Duration> asked, bool is_stream) const {
    const absl::Duration most = is_stream ? stream_time : max_call_time;
    return asked ? std::min(*asked, most) : is_stream ? stream_time : call_time;
  }
};

}  // namespace lumbar::gateway
