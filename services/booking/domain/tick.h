// The 5-minute ticks that a hold or an appointment owns. One row per tick under the key (clinician, tick) is what makes
// a double booking impossible, on any engine and however calls race.
#pragma once

#include <absl/time/time.h>

#include <cstdint>

#include "services/booking/domain/office_hours.h"

namespace lumbar::booking {

// Both ends belong to it; numbers of `kGrid` since 1970 UTC.
struct TickRange {
  int64_t first = 0;
  int64_t last = 0;
  int64_t size() const { return last - first + 1; }
  bool operator==(const TickRange&) const = default;
};

// The most visits of one clinician that may begin in `day`, a local day.
struct DailyLimit {
  Interval day;
  int64_t visits = 0;
};

// Every tick that `busy`, which must not be empty, touches.
inline TickRange TicksOf(const Interval& busy) {
  const int64_t grid = absl::ToInt64Microseconds(kGrid);
  const auto floor = [grid](absl::Time time) {
    const int64_t micros = absl::ToUnixMicros(time);
    return micros / grid - (micros % grid < 0);
  };
  return {floor(busy.start), floor(busy.end - absl::Microseconds(1))};
}

}  // namespace lumbar::booking
