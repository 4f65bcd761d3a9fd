// A real PostgreSQL for a test; for tests only.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

namespace lumbar::testing {

// A cluster of its own in a temporary folder, with the server's usual settings for durability, on a free port of
// 127.0.0.1. Ready when constructed; server and folder are gone when destroyed, and the server when the test dies. A
// server refuses to run as root, so that a test of root's runs it as the user "postgres" of Debian's package. A failure
// to start or to signal it ends the test program with a line that says why. Takes about two seconds to make: make one
// for a test program. Not thread safe.
class PostgresServer {
 public:
  PostgresServer();
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  int port() const { return port_; }
  // With the cluster and its log.
  const std::filesystem::path& folder() const { return folder_; }
  // postgresql://postgres@127.0.0.1:<port>/postgres, the superuser without a password.
  std::string url() const;
  // Runs `sql` on a connection of its own, as the superuser; ends the test program if it fails.
  void Run(const std::string& sql) const;

  // SIGSTOP to the server and all its processes: the kernel still accepts connections, and nothing answers. SIGCONT
  // ends it.
  void Pause();
  void Resume();
  // SIGKILL to the server and all its processes.
  void Kill();
  // A new server on the same port with what the old one left on the disk.
  void Restart();

 private:
  // Returns false if the server ended before it was ready, as it does when another took the port.
  bool Start();
  void InitializeCluster();
  // Runs a program of PostgreSQL's as a user who isn't root, its output in the log; returns its process.
  pid_t Spawn(const std::string& program, std::vector<std::string> arguments) const;
  std::string Log() const;
  // The server's processes have groups of their own, so that each is signalled by itself; none begins meanwhile.
  void SignalAll(int signal) const;

  std::filesystem::path folder_;
  int port_ = 0;
  pid_t pid_ = -1;
};

}  // namespace lumbar::testing
