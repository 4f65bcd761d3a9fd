// The table of what addresses have got, within a transaction that the caller opened.
#pragma once

#include <absl/time/time.h>
#include <soci/soci.h>

#include <string>
#include <vector>

#include "services/notification/domain/message_store.h"
#include "services/notification/domain/recipient_rate.h"

namespace lumbar::notification {

// Takes room for each message that needs it, and notes it in the message. One for which there is none is put back until
// there may be, as if it hadn't been claimed, and leaves `claimed`. Those earlier in `claimed` come first.
void TakeRooms(soci::session& session, const RecipientRate& rate, absl::Time now, std::vector<ClaimedMessage>& claimed);
// Gives room back that wasn't used after all.
void ReturnRooms(soci::session& session, const RecipientRate& rate, std::vector<std::string> recipients);
// Takes away at most `limit` rows that tell nothing any more; returns how many.
int64_t ExpireRooms(soci::session& session, absl::Time now, int64_t limit);

}  // namespace lumbar::notification
