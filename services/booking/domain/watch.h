// Follows the changes of appointments.
#pragma once

#include <absl/status/statusor.h>

#include <memory>

#include "common/rpc/call_context.h"
#include "common/rpc/stream.h"
#include "common/time/clock.h"
#include "lumbar/booking/v1/booking_service.pb.h"
#include "services/booking/domain/change_log.h"

namespace lumbar::booking {

// The handler of BookingService's stream; what it refuses is in its contract. Thread safe.
class Watch {
 public:
  // Both must outlive it and its streams.
  Watch(ChangeLog& log, const Clock& clock) : log_(log), clock_(clock) {}

  absl::StatusOr<std::unique_ptr<rpc::StreamSource>> WatchAppointments(const rpc::CallContext& context,
                                                                       const v1::WatchAppointmentsRequest& request);

 private:
  ChangeLog& log_;
  const Clock& clock_;
};

}  // namespace lumbar::booking
