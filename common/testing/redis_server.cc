#include "common/testing/redis_server.h"

#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "common/testing/free_port.h"

namespace lumbar::testing {
namespace {

constexpr int kRedisAttempts = 10;
constexpr char kProgram[] = "/usr/bin/redis-server";

[[noreturn]] void Die(const char* what) {
  std::fprintf(stderr, "RedisServer: %s: ", what);
  std::perror(nullptr);
  std::abort();
}

// Between fork and exec nothing may allocate: another thread may have held the allocator's lock.
[[noreturn]] void Exec(const std::vector<char*>& arguments, int log) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  dup2(log, STDOUT_FILENO);
  execv(kProgram, arguments.data());
  _exit(127);
}

void SignalAndAwait(pid_t pid, int signal, int wait_options) {
  int status = 0;
  if (kill(pid, signal) != 0 || waitpid(pid, &status, wait_options) != pid) Die("can't signal redis-server");
}

}  // namespace

RedisServer::RedisServer() {
  if (access(kProgram, X_OK) != 0) Die("needs /usr/bin/redis-server (apt install redis-server)");
  for (int attempt = 0; attempt < kRedisAttempts; ++attempt) {
    port_ = FreePort();
    if (port_ == 0) Die("no free port");
    if (Start()) return;
    Kill();
  }
  Die("redis-server doesn't start");
}

RedisServer::~RedisServer() { Kill(); }

std::string RedisServer::url() const { return absl::StrCat("redis://127.0.0.1:", port_, "/0"); }

void RedisServer::Pause() { SignalAndAwait(pid_, SIGSTOP, WUNTRACED); }
void RedisServer::Resume() { SignalAndAwait(pid_, SIGCONT, WCONTINUED); }

void RedisServer::Kill() {
  if (pid_ < 0) return;
  SignalAndAwait(pid_, SIGKILL, 0);
  close(log_);
  pid_ = -1;
}

void RedisServer::Restart() {
  Kill();
  if (!Start()) Die("redis-server doesn't start again");
}

bool RedisServer::Start() {
  std::vector<std::string> words = {
      kProgram,       "--port", std::to_string(port_), "--bind", "127.0.0.1", "--save", "",
      "--appendonly", "no",     "--daemonize",         "no",     "--dir",     "/tmp"};
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  int ends[2] = {};
  if (pipe2(ends, O_CLOEXEC) != 0) Die("no pipe");
  pid_ = fork();
  if (pid_ < 0) Die("can't fork");
  if (pid_ == 0) Exec(arguments, ends[1]);
  close(ends[1]);
  log_ = ends[0];
  // The end of its log before this line means that it is gone.
  std::string log;
  char bytes[512];
  while (!absl::StrContains(log, "eady to accept connections")) {
    const ssize_t count = read(log_, bytes, sizeof(bytes));
    if (count <= 0) return false;
    log.append(bytes, static_cast<size_t>(count));
  }
  return true;
}

}  // namespace lumbar::testing
