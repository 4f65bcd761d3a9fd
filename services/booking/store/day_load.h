// How many visits a clinician has on a day, within a transaction that the caller opened.
#pragma once

#include <absl/status/statusor.h>
#include <absl/time/time.h>
#include <soci/soci.h>

#include <string>

#include "services/booking/domain/tick.h"

namespace lumbar::booking {

// How many visits begin in `day` that are appointments or holds that live at `now`, but for the one named `except`.
absl::StatusOr<int64_t> CountVisits(soci::session& session, const std::string& clinician, const Interval& day,
                                    const std::string& except, absl::Time now);

// Whether one more visit than those counted keeps `limit`. Whoever asks for the same clinician waits until this
// transaction ends, so that what was counted stays true. FAILED_PRECONDITION/DAY_FULL.
absl::Status CheckDay(soci::session& session, const std::string& clinician, const DailyLimit& limit,
                      const std::string& except, absl::Time now);

}  // namespace lumbar::booking
