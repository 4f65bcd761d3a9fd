// The services that a consult needs, as the saga sees them. Every call ends by its errand's deadline.
#pragma once

#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include <string>
#include <vector>

#include "common/telemetry/trace.h"
#include "lumbar/booking/v1/booking_service.pb.h"
#include "lumbar/booking/v1/routing_service.pb.h"
#include "lumbar/notification/v1/alert_service.pb.h"
#include "lumbar/triage/v1/triage_service.pb.h"

namespace lumbar::gateway {

// On whose time, and in whose trace, a call is made.
struct Errand {
  absl::Time deadline;
  TraceContext trace;
};

class Triage {
 public:
  virtual ~Triage() = default;
  // An assessment as asked for. INVALID_ARGUMENT with the service's own reason: the presentation makes no sense.
  // Anything else: triage is out of reach; the caller must not take that for "low".
  virtual absl::StatusOr<triage::v1::Assessment> Assess(const triage::v1::AssessRequest& request,
                                                        const Errand& errand) = 0;
};

// As booking.v1.BookingService and RoutingService promise; UNAVAILABLE and DEADLINE_EXCEEDED leave the outcome open,
// and the same request_id settles it.
class Booking {
 public:
  virtual ~Booking() = default;
  virtual absl::StatusOr<booking::v1::FindCandidatesResponse> FindCandidates(
      const booking::v1::FindCandidatesRequest& request, const Errand& errand) = 0;
  virtual absl::StatusOr<booking::v1::Hold> CreateHold(const booking::v1::CreateHoldRequest& request,
                                                       const Errand& errand) = 0;
  virtual absl::StatusOr<booking::v1::Appointment> ConfirmHold(const booking::v1::ConfirmHoldRequest& request,
                                                               const Errand& errand) = 0;
  virtual absl::Status ReleaseHold(const booking::v1::ReleaseHoldRequest& request, const Errand& errand) = 0;
  virtual absl::StatusOr<booking::v1::Appointment> GetAppointment(absl::string_view name, const Errand& errand) = 0;
  virtual absl::Status CancelAppointment(const booking::v1::CancelAppointmentRequest& request,
                                         const Errand& errand) = 0;
};

// As notification.v1.AlertService promises.
class StaffAlerts {
 public:
  virtual ~StaffAlerts() = default;
  virtual absl::Status RaiseAlert(const notification::v1::RaiseAlertRequest& request, const Errand& errand) = 0;
};

class Reading {
 public:
  virtual ~Reading() = default;
  // Resource names of articles on these causes, those on the likeliest (named first) before others, in `language` (BCP
  // 47) or else in English. Nice to have: whatever goes wrong, the answer is empty.
  virtual std::vector<std::string> ArticlesOn(const std::vector<std::string>& causes, absl::string_view language,
                                              const Errand& errand) = 0;
};

}  // namespace lumbar::gateway
