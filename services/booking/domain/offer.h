// Whether a patient can have a time: holding one and moving to one ask the same questions.
#pragma once

#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include "lumbar/booking/v1/appointment.pb.h"
#include "services/booking/domain/eligibility.h"
#include "services/booking/domain/tick.h"

namespace lumbar::booking {

// FAILED_PRECONDITION/NOT_A_SLOT: begun, or beyond the horizon. FAILED_PRECONDITION/AFTER_ACT_BY.
absl::Status CheckWhen(absl::Time start, absl::Time now, absl::Time act_by);

// A time that a clinician offers, whether it is taken or free.
struct Offer {
  v1::Slot slot;
  // What must be free: the visit with its buffers.
  TickRange ticks;
};

// The visit of that type that begins at `start`. FAILED_PRECONDITION: NOT_ELIGIBLE, see CheckEligible; NOT_A_SLOT.
absl::StatusOr<Offer> FindOffer(const v1::Clinician& clinician, absl::string_view visit_type,
                                const PatientScope& patient, absl::Time start);

}  // namespace lumbar::booking
