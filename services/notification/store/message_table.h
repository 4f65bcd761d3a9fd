// The table of messages, within a transaction that the caller opened.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <absl/time/time.h>
#include <soci/soci.h>

#include <string>
#include <vector>

#include "services/notification/domain/message_store.h"

namespace lumbar::notification {

// What each UPDATE of a message sets besides, at `:now`, for who watches: of one message it only grows.
inline constexpr char kTouch[] = "update_time = CASE WHEN update_time < :now THEN :now ELSE update_time + 1 END";

// One to be sent now: an answer by text, or a letter.
v1::Message NewMessage(const std::string& about, v1::MessageKind kind, int64_t version, absl::Time now);
void InsertMessage(soci::session& session, const v1::Message& message);
// The same, unless the version of the visit has such a message by that channel, in whatever state.
void InsertUnlessPlanned(soci::session& session, const v1::Message& message);
// The same for what nothing else that is due may delay: it is claimed before all of it.
void InsertFirst(soci::session& session, const v1::Message& message);
// Makes what is queued and Confirms an earlier version of the visit `latest`'s.
void KeepConfirmations(soci::session& session, const booking::v1::Appointment& latest, absl::Time now);
// Drops what is queued for versions before `latest`, except what tells other clinicians that the visit isn't theirs any
// more; returns how many.
int64_t DropQueued(soci::session& session, const booking::v1::Appointment& latest, const std::string& reason,
                   absl::Time now);
struct ClaimTerms {
  absl::Time now;
  absl::Time lease_end;
  int limit = 0;
  // Whether the engine passes over rows that another transaction is claiming; otherwise it lets one write at once.
  bool skips_locked = false;
  // Only messages to the staff.
  bool staff_only = false;
};
absl::StatusOr<std::vector<ClaimedMessage>> ClaimMessages(soci::session& session, const ClaimTerms& terms);
// Whether anything can be claimed; so that an idle dispatcher doesn't take the write lock.
bool AnyToClaim(soci::session& session, absl::Time now, bool staff_only);
// ABORTED/CLAIM_LOST.
absl::Status SettleMessage(soci::session& session, const ClaimedMessage& claimed, const Settlement& settlement,
                           absl::Time now);
std::vector<v1::Message> SelectMessages(soci::session& session, const MessageQuery& query);
// See MessageStore::Changes.
std::vector<MessageChange> SelectChanges(soci::session& session, const std::vector<v1::MessageState>& states,
                                         const MessageChange& after, int limit);
// NOT_FOUND/MESSAGE_NOT_FOUND.
absl::StatusOr<v1::Message> ReadMessage(soci::session& session, const std::string& name);
Backlog MeasureBacklog(soci::session& session, absl::Time now);

}  // namespace lumbar::notification
