// What becomes of a message after its last try, within a transaction that the caller opened.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <absl/time/time.h>
#include <soci/soci.h>

#include <string>

#include "services/notification/domain/message_store.h"

namespace lumbar::notification {

// NOT_FOUND/MESSAGE_NOT_FOUND, FAILED_PRECONDITION/MESSAGE_NOT_DEAD.
absl::Status ReplayMessage(soci::session& session, const std::string& name, absl::Time now);

struct DeadLetterFilter {
  // Empty: any.
  std::string reason;
  absl::Time given_up_by;
};
// Drops at most `limit` that it would be wrong to tell by now, see kStale; returns how many. With fewer than `limit`
// there are no more.
int32_t DropStale(soci::session& session, const DeadLetterFilter& dead, int32_t limit, absl::Time now);
// Queues at most `limit`, the oldest first; returns how many.
int32_t ReplayMessages(soci::session& session, const DeadLetterFilter& dead, int32_t limit, absl::Time now);
int32_t CountDead(soci::session& session, const DeadLetterFilter& dead);

// See MessageStore::RecordStatus.
absl::StatusOr<bool> AdvanceMessage(soci::session& session, const ProviderStatus& status, absl::Time now);

}  // namespace lumbar::notification
