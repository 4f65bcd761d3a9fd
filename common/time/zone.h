// The one way from a name to a time zone.
#pragma once

#include <absl/container/flat_hash_set.h>
#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include <optional>
#include <string>

namespace lumbar {

// The zone that IANA calls so, e.g. "America/New_York", "US/Pacific", "EST5EDT", "UTC"; none: this machine's tz
// database doesn't know the name. Only its names reach the zone library, which opens whatever path it is told, even a
// pipe that never ends, and keeps each text that it ever saw. Thread safe.
std::optional<absl::TimeZone> FindZone(absl::string_view name);

// Whether FindZone finds it.
bool IsKnownZone(absl::string_view name);

// All that may be found: zones and the other names that they have or had. Read once; empty if it couldn't be.
const absl::flat_hash_set<std::string>& ZoneNames();

}  // namespace lumbar
