// Writes a history's lines to its file, from any thread.
#pragma once

#include <absl/base/thread_annotations.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <string>

#include "common/concurrency/mutex.h"

namespace lumbar::chaos {

// Thread safe.
class Recorder {
 public:
  // Appends to `path`; good() is false if it can't be written.
  explicit Recorder(const std::string& path) : file_(path, std::ios::app) {}

  void Write(const nlohmann::json& line) {
    const std::string text = line.dump() + "\n";
    MutexLock lock(mutex_);
    file_ << text;
  }
  bool good() {
    MutexLock lock(mutex_);
    return file_.flush().good();
  }

 private:
  Mutex mutex_;
  std::ofstream file_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace lumbar::chaos
