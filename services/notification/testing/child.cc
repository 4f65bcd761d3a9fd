#include "services/notification/testing/child.h"

#include <absl/strings/match.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <utility>

namespace lumbar::notification {
namespace {

// Between fork and exec nothing may allocate: another thread may have held the allocator's lock.
[[noreturn]] void Exec(const std::vector<char*>& arguments, int output) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  execvp(arguments[0], arguments.data());
  _exit(127);
}

}  // namespace

std::optional<Child> Child::Start(std::vector<std::string> words, absl::string_view ready) {
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  int ends[2] = {};
  if (pipe2(ends, O_CLOEXEC) != 0) return std::nullopt;
  const pid_t pid = fork();
  if (pid == 0) Exec(arguments, ends[1]);
  close(ends[1]);
  Child child(pid, ends[0]);
  char bytes[512];
  while (!absl::StrContains(child.said_, ready) || child.said_.back() != '\n') {
    const ssize_t count = read(ends[0], bytes, sizeof(bytes));
    if (count <= 0) return std::nullopt;
    child.said_.append(bytes, static_cast<size_t>(count));
  }
  return child;
}

Child::Child(Child&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), output_(std::exchange(other.output_, -1)), said_(std::move(other.said_)) {}

Child& Child::operator=(Child&& other) noexcept {
  Kill();
  pid_ = std::exchange(other.pid_, -1);
  output_ = std::exchange(other.output_, -1);
  said_ = std::move(other.said_);
  return *this;
}

void Child::Kill() {
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  if (output_ >= 0) close(output_);
  pid_ = -1;
  output_ = -1;
}

}  // namespace lumbar::notification
