// Flags about the clinic. What is wrong with them is said at the start: later only who waits in vain would find it.
#pragma once

#include <absl/status/status.h>

#include <string>

namespace lumbar::notification {

struct ClinicFlags {
  // Who is told of emergencies in texts, of texts and of consults that wait; empty: nobody.
  std::string staff_email;
  // IANA zone of whose zone isn't known.
  std::string time_zone = "America/New_York";
};

// INVALID_ARGUMENT/STAFF_EMAIL: no mailbox, so that each alert would be refused. INVALID_ARGUMENT/TIME_ZONE: this
// machine doesn't know it, so that quiet hours would be UTC's.
absl::Status CheckClinic(const ClinicFlags& flags);

}  // namespace lumbar::notification
