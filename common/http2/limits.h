// What one peer may cost.
#pragma once

#include <absl/time/time.h>

#include <cstddef>
#include <cstdint>

namespace lumbar::http2 {

struct Limits {
  // Of one request: its header list as HTTP/2 counts it, and its body.
  size_t header_bytes = 16 * 1024;
  size_t body_bytes = 256 * 1024;
  // Of a server; further connections are closed at once.
  size_t connections = 1000;
  // Of a loop with TLS: those that haven't shaken hands yet, and how long that may take.
  size_t handshakes = 100;
  absl::Duration handshake_time = absl::Seconds(5);
  // At a time, of one connection.
  uint32_t streams = 1000;
  // What a connection, and all of a loop's together, may hold of unfinished requests and of answers not taken yet. When
  // three quarters of the latter are used, the connections that hold most are closed until half is free: nobody shuts
  // the others out.
  size_t connection_bytes = 4 * 1024 * 1024;
  size_t loop_bytes = 64 * 1024 * 1024;
  // Answers made ready for a socket that doesn't take them; beyond this nothing more is read from the peer either.
  size_t unsent_bytes = 64 * 1024;
  // Frames that ask for no answer (resets, pings, settings and their kind): so many at once, and so many a second. Each
  // answer pays for a few.
  double idle_frames = 1000;
  double idle_frames_per_second = 100;
  // From the connection to its first frame; from a request's first byte to its last; for the peer to take
  // `unsent_bytes` of an answer.
  absl::Duration hello_time = absl::Seconds(10);
  absl::Duration request_time = absl::Seconds(15);
  absl::Duration write_time = absl::Seconds(15);
  // Without a stream.
  absl::Duration idle_time = absl::Minutes(5);
  // After this a connection is asked to end (a tenth more or less, so that not all end at once), and then cut.
  absl::Duration age = absl::Minutes(5);
  absl::Duration age_grace = absl::Minutes(1);
  // For the peer to close a connection of which it was told that it is over.
  absl::Duration linger_time = absl::Seconds(2);
  // Of a client: what a server may send ahead of one answer that nobody takes. Without a word for so long after a
  // request, a server is asked whether it lives, and has so long to say so. Together they are no longer than a call, or
  // the calls of a server that hangs would end one by one and it would never be left.
  uint32_t window_bytes = 64 * 1024;
  absl::Duration quiet_time = absl::Seconds(5);
  absl::Duration ping_time = absl::Seconds(5);
  // How often the times above are looked at.
  absl::Duration tick = absl::Milliseconds(500);
};

}  // namespace lumbar::http2
