#include "common/telemetry/batched_stderr.h"

#include <unistd.h>

#include <cerrno>

namespace lumbar {
namespace {

constexpr size_t kMostLines = 8192;

void WriteAll(absl::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(STDERR_FILENO, text.data(), text.size());
    if (written < 0 && errno != EINTR) return;
    if (written > 0) text.remove_prefix(static_cast<size_t>(written));
  }
}

}  // namespace

void BatchedStderr::log(const spdlog::details::log_msg& line) {
  std::string text(line.payload.data(), line.payload.size());
  text += '\n';
  MutexLock lock(mutex_);
  if (lines_.size() == kMostLines) lines_.pop_front();
  lines_.push_back(std::move(text));
}

void BatchedStderr::flush() {
  std::deque<std::string> lines;
  {
    MutexLock lock(mutex_);
    lines.swap(lines_);
  }
  std::string text;
  for (const auto& line : lines) text += line;
  WriteAll(text);
}

}  // namespace lumbar
