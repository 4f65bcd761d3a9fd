// How often lines of one kind are logged that somebody else may cause.
#pragma once

#include <absl/time/time.h>

#include <cstdint>
#include <optional>
#include <utility>

namespace lumbar {

// Lets the first line through and then one a second, so that nobody fills the log. Not thread safe.
class LogPace {
 public:
  // For a line at `now`: how many were left out since the last one; nothing: this one is to be left out, too.
  std::optional<int64_t> Next(absl::Time now) {
    constexpr absl::Duration kPause = absl::Seconds(1);
    // Also after the clock was set back.
    if (absl::AbsDuration(now - last_) < kPause) {
      ++left_out_;
      return std::nullopt;
    }
    last_ = now;
    return std::exchange(left_out_, 0);
  }

 private:
  absl::Time last_ = absl::InfinitePast();
  int64_t left_out_ = 0;
};

}  // namespace lumbar
