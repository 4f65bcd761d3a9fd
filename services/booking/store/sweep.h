// Takes away what nobody asks for any more. Nothing rests on it but the size of the database.
#pragma once

#include <absl/status/statusor.h>

#include "common/store/database.h"
#include "common/time/clock.h"
#include "services/booking/domain/change_log.h"

namespace lumbar::booking {

inline constexpr absl::Duration kTicksKept = absl::Hours(24);
inline constexpr absl::Duration kHoldsKept = absl::Hours(24 * 30);
// Rows of each table that one call takes away at most.
inline constexpr int64_t kSweepBatch = 500;

// In one short transaction: ticks of holds that expired more than kTicksKept ago, holds whose expire_time is more than
// kHoldsKept ago, but for those that staff answered for, whose reason stays, changes that are older than kChangesKept,
// and places on the waitlist that have been over for kPlacesKept. Returns whether more may be left.
absl::StatusOr<bool> Sweep(store::Database& database, const Clock& clock);

}  // namespace lumbar::booking
