// What is known of a telephone number when it texts, within a transaction that the caller opened.
#pragma once

#include <absl/status/statusor.h>
#include <absl/time/time.h>
#include <soci/soci.h>

#include <optional>
#include <string>

#include "services/notification/domain/conversation.h"
#include "services/notification/store/conversation_table.h"

namespace lumbar::notification {

struct KnownNumber {
  NumberStanding standing;
  // That of standing.conversation.
  std::optional<ConversationRow> row;
};

// From then on no other transaction decides about a text of that number until this one ends.
absl::StatusOr<KnownNumber> ReadStanding(soci::session& session, const std::string& number, absl::Time now, Lock lock);
void CountAnswer(soci::session& session, const std::string& number);
int SweepTexters(soci::session& session, absl::Time now, int limit);

}  // namespace lumbar::notification
