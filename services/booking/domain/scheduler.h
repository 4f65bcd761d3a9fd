// Decides about times: what is free, who may hold it, what becomes of a hold.
#pragma once

#include <absl/status/statusor.h>

#include <functional>

#include "common/auth/assessment_token.h"
#include "common/rpc/call_context.h"
#include "common/time/clock.h"
#include "lumbar/booking/v1/booking_service.pb.h"
#include "services/booking/domain/appointment_store.h"
#include "services/booking/domain/clinician_store.h"
#include "services/booking/domain/slot_search.h"

namespace lumbar::booking {

// How long a time is kept for a patient, unless the clinic says otherwise; half of it for one who must be seen within a
// day.
inline constexpr absl::Duration kHoldLifetime = absl::Minutes(10);
// What `usual`, how long this clinic keeps a time, is for a patient of that level.
inline absl::Duration HoldLifetime(triage::v1::Level level, absl::Duration usual) {
  return level == triage::v1::LEVEL_CONSULTATION_24 ? usual / 2 : usual;
}
// How many live holds a patient may have.
inline constexpr int kLiveHolds = 5;

// The handlers of BookingService until a time is booked; what each refuses is in its contract. Thread safe.
class Scheduler {
 public:
  // The first four must outlive it. `on_change` is called after each change of an appointment is on disk; it must not
  // block.
  Scheduler(ClinicianStore& clinicians, AppointmentStore& appointments, const auth::AssessmentVerifier& verifier,
            const Clock& clock, std::function<void()> on_change, absl::Duration hold_lifetime = kHoldLifetime);

  absl::StatusOr<v1::SearchSlotsResponse> SearchSlots(const rpc::CallContext& context,
                                                      const v1::SearchSlotsRequest& request);
  absl::StatusOr<v1::CreateHoldResponse> CreateHold(const rpc::CallContext& context,
                                                    const v1::CreateHoldRequest& request);
  absl::StatusOr<v1::ReleaseHoldResponse> ReleaseHold(const rpc::CallContext& context,
                                                      const v1::ReleaseHoldRequest& request);
  absl::StatusOr<v1::ConfirmHoldResponse> ConfirmHold(const rpc::CallContext& context,
                                                      const v1::ConfirmHoldRequest& request);

 private:
  // The hold that the rules allow, or the first reason against it; an emergency comes before every other.
  absl::StatusOr<NewHold> Plan(const rpc::CallContext& context, const v1::CreateHoldRequest& request);

  ClinicianStore& clinicians_;
  AppointmentStore& appointments_;
  const auth::AssessmentVerifier& verifier_;
  const Clock& clock_;
  SlotSearch search_;
  const std::function<void()> on_change_;
  const absl::Duration hold_lifetime_;
};

}  // namespace lumbar::booking
