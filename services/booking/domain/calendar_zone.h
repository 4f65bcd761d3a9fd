// A time zone as a calendar file carries it.
#pragma once

#include <absl/strings/string_view.h>
#include <absl/time/time.h>
#include <libical/ical.h>

namespace lumbar::booking {

// The VTIMEZONE of `zone` for a visit in [start, end]: every change of its clocks within those years, each as an
// observance of its own, and what held before the first. The caller owns it.
// Taken from the zone data with which the visit's time was computed and is told in mails, and not from libical's own
// zones: those read the same files, but guess rules from them and reach back to 1883, and a reader that doubts a rule
// of then gets a visit of today wrong.
icalcomponent* MakeZone(absl::string_view name, absl::TimeZone zone, absl::Time start, absl::Time end);

// Whether the wall-clock time of `time` in `zone` happens only once. Of one that happens twice RFC 5545 means the
// first, and programs (ical.js is one) take the second.
bool HappensOnce(absl::Time time, absl::TimeZone zone);

}  // namespace lumbar::booking
