// The table of taken ticks, within a transaction that the caller opened.
#pragma once

#include <absl/status/status.h>
#include <absl/time/time.h>
#include <soci/soci.h>

#include <string>

#include "services/booking/domain/appointment_store.h"

namespace lumbar::booking {

// Takes every tick of `range` for `owner` until `expire_time`. What had expired at `now` counts as free.
// ALREADY_EXISTS/SLOT_TAKEN: a tick belongs to somebody else; the caller rolls back.
absl::Status TakeTicks(soci::session& session, const std::string& clinician, TickRange range, const std::string& owner,
                       absl::Time expire_time, absl::Time now);

// Takes every tick of `range` for `owner` for good; those that it owns stay its own. What had expired at `now` counts
// as free. ALREADY_EXISTS/SLOT_TAKEN: a tick belongs to somebody else; the caller rolls back.
absl::Status GainTicks(soci::session& session, const std::string& clinician, TickRange range, const std::string& owner,
                       absl::Time now);

// Hands the ticks of `range` from `owner` to `heir`, for good.
// FAILED_PRECONDITION/HOLD_EXPIRED: `owner` doesn't own all of them any more; the caller rolls back.
absl::Status KeepTicks(soci::session& session, const std::string& clinician, TickRange range, const std::string& owner,
                       const std::string& heir);

// Makes the ticks of `range`, all of which `owner` must own, last until `expire_time`.
// FAILED_PRECONDITION/HOLD_EXPIRED: it doesn't own all of them any more; the caller rolls back.
absl::Status ProlongTicks(soci::session& session, const std::string& clinician, TickRange range,
                          const std::string& owner, absl::Time expire_time);

// Frees those ticks of `range` that `owner` owns, and notes it for those who wait.
void FreeTicks(soci::session& session, const std::string& clinician, TickRange range, const std::string& owner);

// The ticks in `range` that are taken at `now`, of one clinician or, if empty, of all.
TakenTicks ReadTicks(soci::session& session, const std::string& clinician, TickRange range, absl::Time now);

}  // namespace lumbar::booking
