#include "services/notification/store/sweep.h"

#include "services/notification/store/recipient_table.h"

namespace lumbar::notification {

absl::StatusOr<bool> Sweep(store::Database& database, const Clock& clock) {
  return database.Write([&](soci::session& session) -> absl::StatusOr<bool> {
    return ExpireRooms(session, clock.Now(), kSweepBatch) == kSweepBatch;
  });
}

}  // namespace lumbar::notification
