// The port to whoever is told of changes of appointments.
#pragma once

#include <absl/status/status.h>

#include "lumbar/booking/v1/appointment.pb.h"

namespace lumbar::booking {

class EventSink {
 public:
  virtual ~EventSink() = default;

  // OK: the event is taken, now or at an earlier delivery; the same event may be told again.
  // INVALID_ARGUMENT, NOT_FOUND, ALREADY_EXISTS, PERMISSION_DENIED, FAILED_PRECONDITION, OUT_OF_RANGE, UNIMPLEMENTED:
  // refused, and likely for good. Anything else: tell it again later. Answers within ten seconds.
  virtual absl::Status Deliver(const v1::AppointmentEvent& event) = 0;
};

}  // namespace lumbar::booking
