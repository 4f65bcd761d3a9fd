// Tells a peer that works from one that only keeps us busy.
#pragma once

#include <absl/time/time.h>

#include <algorithm>

#include "common/http2/limits.h"

namespace lumbar::http2 {

// Frames that ask for no answer cost one credit each: resets, pings, settings, priorities, window updates, empty data.
// Credits come with time, and with every answer that the peer takes: clients ping and update windows as they receive.
class FloodGuard {
 public:
  FloodGuard(const Limits& limits, absl::Time now)
      : most_(limits.idle_frames), per_second_(limits.idle_frames_per_second), credit_(most_), then_(now) {}

  // False: the peer floods us, and the connection must end.
  bool Spend(absl::Time now) {
    if (credit_ < 1) {
      Earn(std::max(0.0, absl::ToDoubleSeconds(now - then_)) * per_second_);
      then_ = now;
    }
    credit_ -= 1;
    return credit_ >= 0;
  }
  // An answer, or a part of one, of so many bytes was sent.
  void Answered(size_t bytes) { Earn(4 + static_cast<double>(bytes) / kBytesPerCredit); }

 private:
  static constexpr double kBytesPerCredit = 2048;

  void Earn(double credit) { credit_ = std::min(most_, credit_ + credit); }

  const double most_;
  const double per_second_;
  double credit_;
  absl::Time then_;
};

}  // namespace lumbar::http2
