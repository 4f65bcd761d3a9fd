// How an operator sets up calendar files.
#pragma once

#include <absl/status/statusor.h>

#include <optional>
#include <string>

#include "services/booking/domain/calendar_file.h"
#include "services/booking/domain/calendar_links.h"

namespace lumbar::booking {

struct CalendarConfig {
  std::string practice;
  // Empty: no calendar files.
  std::string email;
  // "https://...", or "http://..." for a demo; empty: files have no link.
  std::string visit_uri;
  // A file that holds nothing but a secret of 32 characters or more; empty: no links to files.
  std::string secret_file;
};

struct CalendarSettings {
  std::optional<Organizer> organizer;
  std::optional<CalendarLinks> links;
};

// INVALID_ARGUMENT/CALENDAR_REFUSED: an address that is none, a name that is missing, a secret that can't be read or is
// too short.
absl::StatusOr<CalendarSettings> ReadCalendarSettings(const CalendarConfig& config);

}  // namespace lumbar::booking
