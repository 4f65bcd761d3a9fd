#include "services/booking/adapters/calendar_settings.h"

#include <re2/re2.h>

#include <utility>

#include "services/booking/adapters/secret_file.h"
#include "services/booking/errors.h"

namespace lumbar::booking {

absl::StatusOr<CalendarSettings> ReadCalendarSettings(const CalendarConfig& config) {
  static const RE2* const kMailbox = new RE2(R"([!-?A-~]{1,64}@[A-Za-z0-9.-]{1,190})");
  static const RE2* const kAddress = new RE2(R"(https?://[!-~]{1,500})");
  CalendarSettings settings;
  if (config.email.empty()) return settings;
  if (config.practice.empty()) return CalendarRefused("--practice must not be empty");
  if (!RE2::FullMatch(config.email, *kMailbox)) return CalendarRefused("--organizer-email must be an e-mail address");
  if (!config.visit_uri.empty() && !RE2::FullMatch(config.visit_uri, *kAddress)) {
    return CalendarRefused("--visit-uri must be an address like https://care.example/visits/");
  }
  settings.organizer = Organizer{config.practice, config.email, config.visit_uri};
  if (config.secret_file.empty()) return settings;
  std::string secret = ReadSecret(config.secret_file);
  if (secret.size() < kShortestSecret) {
    return CalendarRefused("the file of --calendar-secret-file needs 32 characters or more");
  }
  settings.links.emplace(std::move(secret));
  return settings;
}

}  // namespace lumbar::booking
