// Which visits a change of hours left outside them. Nobody cancels those by itself: somebody must speak to the
// patients.
#pragma once

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include <vector>

#include "services/booking/domain/appointment_store.h"
#include "services/booking/domain/office_hours.h"

namespace lumbar::booking {

// Of the appointments of `query`, which is about one clinician, those to come at `now` that `hours` don't cover: at
// most `query.limit`.
absl::StatusOr<std::vector<v1::Appointment>> ListOutsideHours(AppointmentStore& appointments, const OfficeHours& hours,
                                                              AppointmentQuery query, absl::Time now);

}  // namespace lumbar::booking
