#include "services/gateway/consult/store/upkeep.h"

#include "common/store/idempotency.h"
#include "services/gateway/consult/store/list_change_table.h"

namespace lumbar::gateway {

bool FillInOlderConsults(SqlConsultStore& cases) {
  constexpr int kAtOnce = 100;
  const absl::StatusOr<int> filled = cases.FillInOlder(kAtOnce);
  return filled.ok() && *filled == kAtOnce;
}

bool SweepConsults(store::Database& database, const Clock& clock) {
  const bool more_responses = store::SweepResponses(database, clock);
  // An hour longer than promised, so that no stream meets the sweep.
  const absl::Time before = clock.Now() - kListChangesKept - absl::Hours(1);
  return SweepListChanges(database, before).value_or(false) || more_responses;
}

}  // namespace lumbar::gateway
