// A program that a test talks to; for tests only.
#pragma once

#include <absl/strings/string_view.h>
#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace lumbar::notification {

// Gone when destroyed, or when the test dies.
class Child {
 public:
  // Runs `words`, found by PATH, and waits until its output has a line with `ready`. Nothing if it ended before that.
  static std::optional<Child> Start(std::vector<std::string> words, absl::string_view ready);
  ~Child() { Kill(); }
  Child(Child&& other) noexcept;
  Child& operator=(Child&& other) noexcept;

  // What it said until it was ready.
  const std::string& said() const { return said_; }
  void Kill();

 private:
  Child(pid_t pid, int output) : pid_(pid), output_(output) {}

  pid_t pid_ = -1;
  // Kept open for it.
  int output_ = -1;
  std::string said_;
};

}  // namespace lumbar::notification
