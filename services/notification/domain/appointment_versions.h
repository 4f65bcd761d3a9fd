// The port to booking, which alone knows how an appointment, or an offer, stands now.
#pragma once

#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>

#include <string>

#include "lumbar/booking/v1/appointment.pb.h"

namespace lumbar::notification {

struct Standing {
  int64_t version = 0;
  // Unspecified of an offer.
  booking::v1::AppointmentState state = booking::v1::APPOINTMENT_STATE_UNSPECIFIED;
  // With whom.
  std::string clinician = {};
};

class AppointmentVersions {
 public:
  virtual ~AppointmentVersions() = default;

  // Blocks for 2 s at most.
  // NOT_FOUND/APPOINTMENT_NOT_FOUND, NOT_FOUND/WAITLIST_ENTRY_NOT_FOUND: booking has no such thing.
  // UNAVAILABLE, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, UNAUTHENTICATED: booking can't be asked about any now.
  // Any other failure: how this one stands isn't known now.
  virtual absl::StatusOr<Standing> Current(absl::string_view appointment) = 0;
};

}  // namespace lumbar::notification
