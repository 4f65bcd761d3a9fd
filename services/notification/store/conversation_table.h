// The tables of conversations and their texts, within a transaction that the caller opened.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <absl/time/time.h>
#include <soci/soci.h>

#include <optional>
#include <string>
#include <vector>

#include "services/notification/domain/conversation_store.h"
#include "services/notification/domain/message_store.h"

namespace lumbar::notification {

struct ConversationRow {
  v1::Conversation conversation;
  int64_t revision = 0;
  ConversationPosition position;
};

// Whether rows are locked that the transaction will change, where the engine lets several write at once.
enum class Lock { kNo, kYes };

// NOT_FOUND/CONVERSATION_NOT_FOUND.
absl::StatusOr<ConversationRow> ReadConversation(soci::session& session, const std::string& name, Lock lock);
// What a text of `number` goes on with; nullopt: a new one.
absl::StatusOr<std::optional<ConversationRow>> FindConversation(soci::session& session, const std::string& number,
                                                                Lock lock);
absl::StatusOr<std::vector<ConversationRow>> SelectConversations(soci::session& session,
                                                                 const ConversationQuery& query);
struct OverdueConversation {
  std::string name;
  int64_t revision = 0;
  // Fails if it can't be read: the staff is told of it all the same.
  absl::StatusOr<ConversationRow> row;
};
// The longest overdue first; passes over those that another transaction escalates.
std::vector<OverdueConversation> SelectOverdue(soci::session& session, absl::Time now, int limit, Lock lock);
// Whether there is one; so that nobody takes the write lock for nothing.
bool AnyOverdue(soci::session& session, absl::Time now);
// Of one that can't be read and so not be saved: it isn't overdue any more.
void EndOverdue(soci::session& session, const std::string& name);

// Inserts it if its revision is 0. Sets the new revision, place and etag.
absl::Status SaveConversation(soci::session& session, ConversationRow& row, absl::Time now);

absl::Status InsertText(soci::session& session, const std::string& conversation, const v1::ConversationText& text);
absl::StatusOr<std::vector<v1::ConversationText>> SelectTexts(soci::session& session, const std::string& conversation,
                                                              int32_t position, int limit);
// The visit, or the offer, of `patient` that booking told of last, and its contact's number in E.164; empty ones if
// there is none.
struct LatestVisit {
  booking::v1::Appointment visit;
  std::string phone_number;
};
absl::StatusOr<LatestVisit> ReadLatestVisit(soci::session& session, const std::string& patient);
// Adds to `reply` what it says, to whom, and in which zone that is.
absl::Status AddReply(soci::session& session, ClaimedMessage& reply);

// The message that was to bring an answer is given up: unless the patient waits anyway, they wait again, also if the
// conversation was closed meanwhile.
absl::Status ReopenUnanswered(soci::session& session, const std::string& name, absl::Time now);

ConversationBacklog MeasureConversations(soci::session& session);

}  // namespace lumbar::notification
