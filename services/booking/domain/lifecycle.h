// The steps of a hold and of an appointment: which are legal, and what they make of it. Pure functions; the stores call
// them inside the transaction that saves the result, with the time read there.
#pragma once

#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include "lumbar/booking/v1/appointment.pb.h"

namespace lumbar::booking {

// `hold` as it is at `now`: an active one whose time ran out is expired, although nobody wrote that down.
v1::Hold AsOf(v1::Hold hold, absl::Time now);

// The appointment that `hold` becomes at `now`, under the given name.
// FAILED_PRECONDITION: HOLD_EXPIRED, HOLD_RELEASED, HOLD_CONFIRMED.
absl::StatusOr<v1::Appointment> Confirm(const v1::Hold& hold, absl::string_view name, absl::Time now);

// `hold` after it was given back at `now`; one that is gone already stays as it is.
// FAILED_PRECONDITION/HOLD_CONFIRMED: it is an appointment now.
absl::StatusOr<v1::Hold> Release(const v1::Hold& hold, absl::Time now);

// `appointment` after it was called off at `now`. An empty `etag` fits every version.
// FAILED_PRECONDITION/NOT_BOOKED: it is over or was called off. ABORTED/ETAG_MISMATCH: changed meanwhile.
absl::StatusOr<v1::Appointment> Cancel(const v1::Appointment& appointment, absl::string_view etag, absl::Time now);

}  // namespace lumbar::booking
