// How much clinicians have to do, within a transaction that the caller opened.
#pragma once

#include <absl/time/time.h>
#include <soci/soci.h>

#include "services/booking/domain/appointment_store.h"

namespace lumbar::booking {

// Ticks of `range` that are taken at `now`, and the last bookings at `booked_since` or later.
Workloads ReadWorkloads(soci::session& session, TickRange range, absl::Time booked_since, absl::Time now);

}  // namespace lumbar::booking
