// Days on which a clinic is taken to work: Monday to Friday but for the federal holidays of 5 U.S.C. 6103, on the day
// on which they are observed. Not known here: Inauguration Day, holidays of a state or of the clinic, and days that the
// President declares; on those a due day comes out too early, never too late.
#pragma once

#include <absl/time/civil_time.h>

#include <optional>

namespace lumbar::booking {

bool IsBusinessDay(absl::CivilDay day);

// The `count`-th business day after `day`.
absl::CivilDay AddBusinessDays(absl::CivilDay day, int count);

// The last day for giving a Good Faith Estimate (45 CFR 149.610(b)(1)(vi)) for a visit on `visit` that is booked on
// `booked`: one business day later if the visit is three or more business days ahead, three if it is ten or more.
// Nothing: nearer than that, the estimate is owed only on request.
std::optional<absl::CivilDay> EstimateDueDay(absl::CivilDay booked, absl::CivilDay visit);

// The same for somebody who asks on `asked`: three business days later.
absl::CivilDay EstimateDueDayOnRequest(absl::CivilDay asked);

}  // namespace lumbar::booking
