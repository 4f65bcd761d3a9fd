#include "services/notification/store/sql_conversation_store.h"

#include <utility>

#include "common/status/macros.h"
#include "common/store/idempotency.h"
#include "common/store/resource_name.h"
#include "common/telemetry/log.h"
#include "common/time/proto_time.h"
#include "services/notification/errors.h"
#include "services/notification/store/message_table.h"
#include "services/notification/store/number_standing.h"
#include "services/notification/store/opt_out_table.h"

namespace lumbar::notification {
namespace {

// The conversation as it was decided, and what comes of that.
absl::StatusOr<std::string> KeepText(soci::session& session, const Taken& taken, std::optional<ConversationRow> row,
                                     absl::Time now) {
  const TextOutcome& outcome = taken.outcome;
  ConversationRow next = row ? *std::move(row) : ConversationRow();
  next.conversation = *outcome.conversation;
  if (next.revision == 0) next.conversation.set_name(store::NewName("conversations"));
  LUMBAR_RETURN_IF_ERROR(SaveConversation(session, next, now));
  const std::string& name = next.conversation.name();
  if (outcome.text) {
    v1::ConversationText text = *outcome.text;
    text.set_automatic_answer(taken.answer);
    LUMBAR_RETURN_IF_ERROR(InsertText(session, name, text));
  }
  if (outcome.alert) InsertFirst(session, NewMessage(name, v1::MESSAGE_KIND_STAFF_ALERT, next.revision, now));
  return name;
}

// One damaged conversation doesn't stop that the staff hears of the others, and of itself.
absl::Status MarkEscalated(soci::session& session, OverdueConversation& overdue, absl::Time now) {
  if (!overdue.row.ok()) {
    Log(LogLevel::kError, "conversation_unreadable", {{"conversation", overdue.name}});
    EndOverdue(session, overdue.name);
    return absl::OkStatus();
  }
  overdue.row->conversation.set_escalated(true);
  LUMBAR_RETURN_IF_ERROR(SaveConversation(session, *overdue.row, now));
  overdue.revision = overdue.row->revision;
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Received> SqlConversationStore::Receive(const store::Mutation& mutation, const std::string& number,
                                                       Decision decide) {
  Received received;
  const auto act = [&](soci::session& session) -> absl::StatusOr<v1::ReceiveTextResponse> {
    const absl::Time now = clock_.Now();
    LUMBAR_ASSIGN_OR_RETURN(KnownNumber known, ReadStanding(session, number, now, RowLock()));
    LUMBAR_ASSIGN_OR_RETURN(Taken taken, decide(known.standing));
    if (taken.outcome.opted_out) SetOptedOut(session, number, *taken.outcome.opted_out, now);
    if (!taken.answer.empty()) CountAnswer(session, number);
    v1::ReceiveTextResponse response;
    response.set_answer(taken.answer);
    if (taken.outcome.conversation) {
      LUMBAR_ASSIGN_OR_RETURN(*response.mutable_conversation(), KeepText(session, taken, std::move(known.row), now));
    }
    received.outcome = std::move(taken.outcome);
    return response;
  };
  LUMBAR_ASSIGN_OR_RETURN(received.response, store::Once<v1::ReceiveTextResponse>(database_, mutation, clock_, act));
  return received;
}

absl::StatusOr<std::vector<ConversationFound>> SqlConversationStore::List(const ConversationQuery& query) {
  using Found = absl::StatusOr<std::vector<ConversationFound>>;
  return database_.ReadOne([&](soci::session& session) -> Found {
    LUMBAR_ASSIGN_OR_RETURN(std::vector<ConversationRow> rows, SelectConversations(session, query));
    std::vector<ConversationFound> found;
    found.reserve(rows.size());
    for (ConversationRow& row : rows) found.push_back({std::move(row.conversation), std::move(row.position)});
    return found;
  });
}

absl::StatusOr<v1::Conversation> SqlConversationStore::Get(const std::string& name) {
  return database_.ReadOne([&](soci::session& session) -> absl::StatusOr<v1::Conversation> {
    LUMBAR_ASSIGN_OR_RETURN(ConversationRow row, ReadConversation(session, name, Lock::kNo));
    return std::move(row.conversation);
  });
}

absl::StatusOr<std::vector<v1::ConversationText>> SqlConversationStore::Texts(const std::string& name, int32_t position,
                                                                              int limit) {
  return database_.ReadOne([&](soci::session& session) { return SelectTexts(session, name, position, limit); });
}

absl::StatusOr<ConversationRow> SqlConversationStore::Advance(soci::session& session, const std::string& name,
                                                              const std::string& etag, Step step) {
  LUMBAR_ASSIGN_OR_RETURN(ConversationRow row, ReadConversation(session, name, RowLock()));
  if (!etag.empty() && etag != row.conversation.etag()) return EtagMismatch();
  LUMBAR_RETURN_IF_ERROR(step(row.conversation));
  LUMBAR_RETURN_IF_ERROR(SaveConversation(session, row, clock_.Now()));
  return row;
}

absl::StatusOr<v1::Conversation> SqlConversationStore::Change(const store::Mutation& mutation, const std::string& name,
                                                              const std::string& etag, Step step) {
  const auto act = [&](soci::session& session) -> absl::StatusOr<v1::Conversation> {
    LUMBAR_ASSIGN_OR_RETURN(ConversationRow row, Advance(session, name, etag, step));
    return std::move(row.conversation);
  };
  return store::Once<v1::Conversation>(database_, mutation, clock_, act);
}

absl::StatusOr<v1::Message> SqlConversationStore::Reply(const store::Mutation& mutation, const std::string& name,
                                                        const std::string& etag, Step step, v1::ConversationText text) {
  const auto act = [&](soci::session& session) -> absl::StatusOr<v1::Message> {
    const absl::Time now = clock_.Now();
    LUMBAR_ASSIGN_OR_RETURN(const ConversationRow row, Advance(session, name, etag, step));
    if (HasOptedOut(session, row.conversation.number())) return OptedOut();
    text.set_position(row.conversation.text_count());
    const v1::Message message = NewMessage(name, v1::MESSAGE_KIND_REPLY, text.position(), now);
    InsertMessage(session, message);
    text.set_message(message.name());
    *text.mutable_create_time() = ToProtoTime(now);
    LUMBAR_RETURN_IF_ERROR(InsertText(session, name, text));
    return message;
  };
  return store::Once<v1::Message>(database_, mutation, clock_, act);
}

absl::StatusOr<int> SqlConversationStore::Escalate(int limit, bool alert) {
  const absl::Time now = clock_.Now();
  LUMBAR_ASSIGN_OR_RETURN(const bool due, database_.ReadOne([&](soci::session& session) -> absl::StatusOr<bool> {
    return AnyOverdue(session, now);
  }));
  if (!due) return 0;
  return database_.Write([&](soci::session& session) -> absl::StatusOr<int> {
    std::vector<OverdueConversation> rows = SelectOverdue(session, now, limit, RowLock());
    for (OverdueConversation& one : rows) {
      LUMBAR_RETURN_IF_ERROR(MarkEscalated(session, one, now));
      if (alert) InsertFirst(session, NewMessage(one.name, v1::MESSAGE_KIND_STAFF_REMINDER, one.revision, now));
    }
    return static_cast<int>(rows.size());
  });
}

absl::StatusOr<int> SqlConversationStore::Sweep(int limit) {
  return database_.Write(
      [&](soci::session& session) -> absl::StatusOr<int> { return SweepTexters(session, clock_.Now(), limit); });
}

absl::StatusOr<ConversationBacklog> SqlConversationStore::Measure() {
  return database_.ReadOne(
      [&](soci::session& session) -> absl::StatusOr<ConversationBacklog> { return MeasureConversations(session); });
}

}  // namespace lumbar::notification
