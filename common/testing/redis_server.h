// A real redis-server for a test; for tests only.
#pragma once

#include <sys/types.h>

#include <string>

namespace lumbar::testing {

// Listens on a free port of 127.0.0.1 with nothing on disk, ready when constructed and gone when destroyed or when the
// test dies. A failure to start or to signal it ends the test program with a line that says why. Not thread safe.
class RedisServer {
 public:
  RedisServer();
  ~RedisServer();
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;

  int port() const { return port_; }
  // "redis://127.0.0.1:<port>/0"
  std::string url() const;

  // SIGSTOP: connections are still accepted by the kernel, and nothing answers. SIGCONT ends it. Both return when the
  // process is in the new state.
  void Pause();
  void Resume();
  // SIGKILL, and a new, empty server on the same port.
  void Kill();
  void Restart();

 private:
  // Returns false if the server ended before it was ready, as it does when another took the port.
  bool Start();

  int port_ = 0;
  pid_t pid_ = -1;
  // Where the server's log arrives; kept open for it.
  int log_ = -1;
};

}  // namespace lumbar::testing
