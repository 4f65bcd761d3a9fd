// Which names of time zones are accepted from outside.
#pragma once

#include <absl/strings/string_view.h>

namespace lumbar::booking {

// Whether `name` is an IANA zone that this machine knows, e.g. "America/New_York". Never the machine's own zone, and
// never a path: the zone library would open any file that a name points to.
bool IsKnownZone(absl::string_view name);

}  // namespace lumbar::booking
