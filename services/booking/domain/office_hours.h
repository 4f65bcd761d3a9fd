// When a clinician works: weekly hours, the dates that differ from them, and time off, made ready to be asked often.
//
// - Hours are local to the clinician's zone: 09:00 stays 09:00 when clocks change.
// - A date override replaces all weekly hours of its local date.
// - A stretch that ends in a skipped time ends at the change; one that ends in a repeated time, at the first
//   occurrence. One that begins in a skipped time begins at the change; in a repeated time, at the first occurrence.
// - A visit lies within one stretch, on the wall clock too: when clocks go back during it, they don't go back to before
//   the stretch's begin. It touches no time off.
#pragma once

#include <absl/container/flat_hash_map.h>
#include <absl/time/civil_time.h>
#include <absl/time/time.h>
#include <absl/types/span.h>

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "lumbar/booking/v1/clinician.pb.h"

namespace lumbar::booking {

// Everything that is booked begins and ends on this grid, counted from the Unix epoch.
inline constexpr absl::Duration kGrid = absl::Minutes(5);

// A half-open stretch of time, [start, end).
struct Interval {
  absl::Time start;
  absl::Time end;
  bool operator==(const Interval&) const = default;
};

// A stretch of a local day, in seconds of wall-clock time since its midnight; 24:00 is 86,400.
struct Stretch {
  int64_t start;
  int64_t end;
};

// Seconds of wall-clock time since midnight.
inline int64_t SecondsOfDay(const google::type::TimeOfDay& time) { return time.hours() * 3600 + time.minutes() * 60; }

// A stretch of one date, where the clocks of that day put it.
class OpenStretch {
 public:
  OpenStretch(absl::TimeZone zone, absl::CivilDay day, const Stretch& stretch);

  // Whether all of `visit` lies within, in time and on the wall clock.
  bool Holds(const Interval& visit) const;
  const Interval& time() const { return open_; }

 private:
  absl::TimeZone zone_;
  absl::CivilDay day_;
  Stretch stretch_;
  Interval open_;
  // Whether clocks change within.
  bool bent_;
};

// Immutable; keeps nothing of the clinician that it was made of.
class OfficeHours {
 public:
  // `clinician` is valid as CheckClinician says. Null if this machine doesn't know the zone.
  static std::shared_ptr<const OfficeHours> Of(const v1::Clinician& clinician);

  absl::TimeZone zone() const { return zone_; }
  // The stretches of a date, whatever time off says.
  absl::Span<const Stretch> On(absl::CivilDay day) const;
  // Whether `visit` touches time off.
  bool IsOff(const Interval& visit) const;
  // Whether a visit may take place then.
  bool Cover(const Interval& visit) const;
  // The local day on which `start` lies.
  Interval DayOf(absl::Time start) const;

 private:
  explicit OfficeHours(absl::TimeZone zone) : zone_(zone) {}

  absl::TimeZone zone_;
  // By google.type.DayOfWeek.
  std::array<std::vector<Stretch>, 8> weekly_;
  absl::flat_hash_map<absl::CivilDay, std::vector<Stretch>> dates_;
  // Ascending, without overlaps.
  std::vector<Interval> off_;
};

}  // namespace lumbar::booking
