// Whether a patient can have a time: holding one and moving to one ask the same questions.
#pragma once

#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include <optional>

#include "lumbar/booking/v1/appointment.pb.h"
#include "services/booking/domain/eligibility.h"
#include "services/booking/domain/tick.h"

namespace lumbar::booking {

// The slot of a visit of this clinician.
v1::Slot MakeSlot(const v1::Clinician& clinician, absl::string_view visit_type, const Interval& visit);

// The limit of the local day on which `start` lies, if the clinician has one.
std::optional<DailyLimit> DailyLimitOf(const v1::Clinician& clinician, const OfficeHours& hours, absl::Time start);

// A time that a clinician offers, whether it is taken or free.
struct Offer {
  v1::Slot slot;
  // What must be free: the visit with its buffers.
  TickRange ticks;
  // Of the clinician's local day; nothing: no limit.
  std::optional<DailyLimit> daily_limit;
  // The kind of visit, which says how soon and how far ahead it may be booked.
  v1::VisitType type;
};

// The visit of that type that begins at `start`. FAILED_PRECONDITION: NOT_ELIGIBLE, see eligibility.h; NOT_A_SLOT.
absl::StatusOr<Offer> FindOffer(const v1::Clinician& clinician, absl::string_view visit_type,
                                const PatientScope& patient, absl::Time start);

// Whether `offer` may be booked at `now`. FAILED_PRECONDITION/NOT_A_SLOT: begun, sooner than its notice, or beyond its
// horizon. FAILED_PRECONDITION/AFTER_ACT_BY.
absl::Status CheckWhen(const Offer& offer, absl::Time now, absl::Time act_by);

}  // namespace lumbar::booking
