// What reaches the zone library, for tests.
#pragma once

#include <absl/container/flat_hash_set.h>

#include <string>

namespace lumbar {

// Takes down each name for which the zone library would open a file; it asks but once in a process for each. One at a
// time.
class ZoneRecorder {
 public:
  ZoneRecorder();
  ~ZoneRecorder();
  ZoneRecorder(const ZoneRecorder&) = delete;
  ZoneRecorder& operator=(const ZoneRecorder&) = delete;

  const absl::flat_hash_set<std::string>& opened() const;
};

// Texts that name no zone; for most the zone library would open something.
inline constexpr const char* kNoZones[] = {
    "/dev/stdout",        "//dev/stdout", "/etc/localtime",   "../../etc/passwd", "../zoneinfo/UTC",   "file:/x",
    ":America/New_York",  "Aaaa/Bbbb",    "america/new_york", "AMERICA/NEW_YORK", "America/New_York ", "America",
    "posix/Europe/Rome",  "localtime",    "posixrules",       "Factory",          "tzdata.zi",         "utc",
    "Fixed/UTC+01:00:00",
};

}  // namespace lumbar
