// Takes away what nobody asks for any more. Nothing rests on it but the size of the database.
#pragma once

#include <absl/status/statusor.h>

#include "common/store/database.h"
#include "common/time/clock.h"

namespace lumbar::notification {

// Rows that one call takes away at most.
inline constexpr int64_t kSweepBatch = 500;

// In one short transaction: what addresses got more than an hour ago. Returns whether more may be left.
absl::StatusOr<bool> Sweep(store::Database& database, const Clock& clock);

}  // namespace lumbar::notification
