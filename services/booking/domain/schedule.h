// From weekly hours to the times at which a visit may begin.
//
// Rules of time:
// - Hours are local to the clinician's zone: 09:00 stays 09:00 when clocks change.
// - A visit lies within one stretch of hours. Its buffers may reach outside.
// - Within a stretch, visits begin at its start and then each buffer_before + duration + buffer_after of wall-clock
// time,
//   so that visits laid end to end fill it. All times are on the 5-minute grid.
// - A wall-clock time that a clock change skips is no slot. One that happens twice is a slot at its first occurrence.
// - A stretch that ends in a skipped time ends at the change; one that ends in a repeated time, at the first
// occurrence.
#pragma once

#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include <optional>
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

// The clinician's visit type with this code, or null.
const v1::VisitType* FindVisitType(const v1::Clinician& clinician, absl::string_view code);

// The visit with its buffers around it: what must be free.
Interval WithBuffers(const Interval& visit, const v1::VisitType& type);

// The visits of one type that a clinician's weekly hours offer. Immutable and cheap to make.
class Schedule {
 public:
  // `clinician` and `type` must outlive it and be valid as CheckClinician says. Nothing if this machine doesn't know
  // the zone.
  static std::optional<Schedule> Of(const v1::Clinician& clinician, const v1::VisitType& type);

  // Visits that begin in [first, last], ascending, each once, whether taken or free.
  std::vector<Interval> Visits(absl::Time first, absl::Time last) const;

  // The visit that begins exactly at `start`, if the hours offer one.
  std::optional<Interval> VisitAt(absl::Time start) const;

 private:
  Schedule(const v1::Clinician& clinician, const v1::VisitType& type, absl::TimeZone zone);
  void AppendDay(absl::CivilDay day, absl::Time first, absl::Time last, std::vector<Interval>& visits) const;

  const v1::Clinician* clinician_;
  absl::TimeZone zone_;
  absl::Duration duration_;
  int64_t step_seconds_;
};

}  // namespace lumbar::booking
