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
// Returns how many; an empty reason is any.
int32_t ReplayMessages(soci::session& session, const std::string& reason, int32_t limit, absl::Time now);
int32_t CountDead(soci::session& session, const std::string& reason);

// See MessageStore::RecordStatus.
absl::StatusOr<bool> AdvanceMessage(soci::session& session, const ProviderStatus& status, absl::Time now);

}  // namespace lumbar::notification
