#include "services/notification/adapters/clinic_flags.h"

#include "common/time/zone.h"
#include "services/notification/adapters/header_text.h"
#include "services/notification/errors.h"

namespace lumbar::notification {

absl::Status CheckClinic(const ClinicFlags& flags) {
  if (!flags.staff_email.empty() && !IsMailboxAddress(flags.staff_email)) return StaffEmail();
  return IsKnownZone(flags.time_zone) ? absl::OkStatus() : UnknownTimeZone();
}

}  // namespace lumbar::notification
