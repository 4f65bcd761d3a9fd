// Where log lines wait to be written together.
#pragma once

#include <absl/base/thread_annotations.h>
#include <spdlog/sinks/sink.h>

#include <deque>
#include <string>

#include "common/concurrency/mutex.h"

namespace lumbar {

// Keeps lines, the newest 8192 at most, until flush() writes them to stderr. Logging never waits for the reader of
// stderr, and wakes no thread: waking one for each line costs more than the line. Thread safe; patterns are ignored.
class BatchedStderr final : public spdlog::sinks::sink {
 public:
  void log(const spdlog::details::log_msg& line) override;
  void flush() override;
  void set_pattern(const std::string&) override {}
  void set_formatter(std::unique_ptr<spdlog::formatter>) override {}

 private:
  Mutex mutex_;
  std::deque<std::string> lines_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace lumbar
