// From a clinician's hours to the times at which a visit may begin. The rules of hours are in office_hours.h; those of
// visits:
// - Within a stretch, visits begin at its start and then each buffer_before + duration + buffer_after of wall-clock
//   time, so that visits laid end to end fill it. All times are on the 5-minute grid. Buffers may reach outside.
// - A wall-clock time that a clock change skips is no slot. One that happens twice is a slot at its first occurrence.
#pragma once

#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "lumbar/booking/v1/clinician.pb.h"
#include "services/booking/domain/office_hours.h"

namespace lumbar::booking {

// How far ahead visits are offered, if their type doesn't say; and at most.
inline constexpr absl::Duration kHorizon = absl::Hours(24 * 90);
inline constexpr absl::Duration kLongestHorizon = absl::Hours(24 * 365);

// The clinician's visit type with this code, or null.
const v1::VisitType* FindVisitType(const v1::Clinician& clinician, absl::string_view code);

// The visit with its buffers around it: what must be free.
Interval WithBuffers(const Interval& visit, const v1::VisitType& type);

// From when on and until when a visit may begin that is booked now, both included.
struct Reach {
  absl::Time first;
  absl::Time last;
};
// By the notice and the horizon of `type`, and because a visit that begins now can't be held any more.
Reach ReachAt(const v1::VisitType& type, absl::Time now);

// The visits of one type that a clinician's hours offer. Immutable and cheap to make of hours that are ready.
class Schedule {
 public:
  // Nothing if this machine doesn't know the zone.
  static std::optional<Schedule> Of(const v1::Clinician& clinician, const v1::VisitType& type);

  Schedule(std::shared_ptr<const OfficeHours> hours, const v1::VisitType& type);

  // Visits that begin in [first, last], ascending, each once, whether taken or free.
  std::vector<Interval> Visits(absl::Time first, absl::Time last) const;

  // The visit that begins exactly at `start`, if the hours offer one.
  std::optional<Interval> VisitAt(absl::Time start) const;

  const OfficeHours& hours() const { return *hours_; }

 private:
  void AppendStretch(absl::CivilDay day, const Stretch& stretch, absl::Time first, absl::Time last,
                     std::vector<Interval>& visits) const;

  std::shared_ptr<const OfficeHours> hours_;
  absl::Duration duration_;
  int64_t step_seconds_;
};

}  // namespace lumbar::booking
