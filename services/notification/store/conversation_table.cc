#include "services/notification/store/conversation_table.h"

#include <absl/strings/str_cat.h>

#include "common/status/macros.h"
#include "common/store/proto_column.h"
#include "common/time/proto_time.h"
#include "services/notification/errors.h"

namespace lumbar::notification {
namespace {

using soci::into;
using soci::use;

constexpr char kConversationColumns[] = "name, place, since, revision, body ";
// The state stands in the text, so that the engine can use the index (0006_conversation.sql).
static_assert(v1::CONVERSATION_STATE_CLOSED == 3);
static_assert(v1::CONVERSATION_STATE_WAITING == 1);

// In the order in which the care team looks at them.
enum Place : int64_t { kEmergency = 0, kUnscanned = 1, kRoutine = 2, kAnswered = 3, kClosed = 4 };

int64_t PlaceOf(const v1::Conversation& conversation) {
  if (conversation.state() == v1::CONVERSATION_STATE_CLOSED) return kClosed;
  if (conversation.state() == v1::CONVERSATION_STATE_ANSWERED) return kAnswered;
  if (conversation.urgency() == v1::CONVERSATION_URGENCY_EMERGENCY) return kEmergency;
  return conversation.urgency() == v1::CONVERSATION_URGENCY_UNSCANNED ? kUnscanned : kRoutine;
}

// The columns of one row, in the order of kConversationColumns.
struct ConversationColumns {
  std::string name, body;
  int64_t place = 0, since = 0, revision = 0;

  void ExchangeInto(soci::statement& statement) {
    statement.exchange(into(name));
    statement.exchange(into(place));
    statement.exchange(into(since));
    statement.exchange(into(revision));
    statement.exchange(into(body));
  }

  absl::StatusOr<ConversationRow> Read() const {
    LUMBAR_ASSIGN_OR_RETURN(auto conversation, store::FromColumn<v1::Conversation>(body));
    conversation.set_etag(absl::StrCat("v", revision));
    return ConversationRow{std::move(conversation), revision, {place, store::FromMicros(since), name}};
  }
};

void RunSelect(soci::statement& select, const std::string& where) {
  select.alloc();
  select.prepare(absl::StrCat("SELECT ", kConversationColumns, "FROM conversation WHERE ", where));
  select.define_and_bind();
  select.execute();
}

absl::StatusOr<std::vector<ConversationRow>> Select(soci::statement& select, ConversationColumns& row,
                                                    const std::string& where) {
  RunSelect(select, where);
  std::vector<ConversationRow> found;
  while (select.fetch()) {
    LUMBAR_ASSIGN_OR_RETURN(ConversationRow one, row.Read());
    found.push_back(std::move(one));
  }
  return found;
}

const char* Locking(Lock lock) { return lock == Lock::kYes ? " FOR UPDATE" : ""; }

// The places that a state or an urgency can have, so that the engine needs to look at no others.
std::string PlacesOf(const ConversationQuery& query) {
  switch (query.state) {
    case v1::CONVERSATION_STATE_WAITING:
      return absl::StrCat("place < ", static_cast<int64_t>(kAnswered), " AND ");
    case v1::CONVERSATION_STATE_ANSWERED:
      return absl::StrCat("place = ", static_cast<int64_t>(kAnswered), " AND ");
    case v1::CONVERSATION_STATE_CLOSED:
      return absl::StrCat("place = ", static_cast<int64_t>(kClosed), " AND ");
    default:
      return "";
  }
}

// Makes the row this transaction's on every engine, unless the patient waits already.
bool TakeUnlessWaiting(soci::session& session, const std::string& name) {
  soci::statement take =
      (session.prepare << "UPDATE conversation SET revision = revision + 1 WHERE name = :name AND state <> 1",
       use(name, "name"));
  take.execute(true);
  return take.get_affected_rows() == 1;
}

int64_t EscalateTimeOf(const v1::Conversation& conversation) {
  const bool to_come = conversation.has_answer_due_time() && !conversation.escalated();
  return to_come ? store::Micros(FromProto(conversation.answer_due_time())) : 0;
}

}  // namespace

absl::StatusOr<ConversationRow> ReadConversation(soci::session& session, const std::string& name, Lock lock) {
  ConversationColumns row;
  soci::statement select(session);
  row.ExchangeInto(select);
  select.exchange(use(name, "name"));
  LUMBAR_ASSIGN_OR_RETURN(std::vector<ConversationRow> found,
                          Select(select, row, absl::StrCat("name = :name", Locking(lock))));
  if (found.empty()) return ConversationNotFound();
  return std::move(found.front());
}

absl::StatusOr<std::optional<ConversationRow>> FindConversation(soci::session& session, const std::string& number,
                                                                Lock lock) {
  const std::string order = absl::StrCat("ORDER BY place, since DESC LIMIT 1", Locking(lock));
  ConversationColumns row;
  soci::statement select(session);
  row.ExchangeInto(select);
  select.exchange(use(number, "number"));
  // An open one stands before those closed, and of these the latest first.
  LUMBAR_ASSIGN_OR_RETURN(std::vector<ConversationRow> found, Select(select, row, "number = :number " + order));
  if (found.empty()) return std::nullopt;
  const v1::Conversation& conversation = found.front().conversation;
  const bool full =
      conversation.state() == v1::CONVERSATION_STATE_CLOSED && conversation.text_count() >= kMostTextsToReopen;
  if (full) return std::nullopt;
  return std::move(found.front());
}

absl::StatusOr<std::vector<ConversationRow>> SelectConversations(soci::session& session,
                                                                 const ConversationQuery& query) {
  const ConversationPosition after = query.after.value_or(ConversationPosition{-1, absl::UnixEpoch(), ""});
  const int64_t since = store::Micros(after.since), urgency = query.urgency, limit = query.limit;
  ConversationColumns row;
  soci::statement select(session);
  row.ExchangeInto(select);
  std::string where = PlacesOf(query);
  if (urgency != v1::CONVERSATION_URGENCY_UNSPECIFIED) {
    where += "urgency = :urgency AND ";
    select.exchange(use(urgency, "urgency"));
  }
  if (!query.assignee.empty()) {
    where += "assignee = :assignee AND ";
    select.exchange(use(query.assignee, "assignee"));
  }
  select.exchange(use(after.place, "place"));
  select.exchange(use(since, "since"));
  select.exchange(use(after.name, "name"));
  select.exchange(use(limit, "rows"));
  where += "(place, since, name) > (:place, :since, :name) ORDER BY place, since, name LIMIT :rows";
  return Select(select, row, where);
}

std::vector<OverdueConversation> SelectOverdue(soci::session& session, absl::Time now, int limit, Lock lock) {
  const int64_t micros = store::Micros(now), rows = limit;
  ConversationColumns row;
  soci::statement select(session);
  row.ExchangeInto(select);
  select.exchange(use(micros, "now"));
  select.exchange(use(rows, "rows"));
  const char* const skip = lock == Lock::kYes ? " FOR UPDATE SKIP LOCKED" : "";
  RunSelect(select,
            absl::StrCat("escalate_time > 0 AND escalate_time <= :now ORDER BY escalate_time LIMIT :rows", skip));
  std::vector<OverdueConversation> found;
  while (select.fetch()) found.push_back({row.name, row.revision, row.Read()});
  return found;
}

bool AnyOverdue(soci::session& session, absl::Time now) {
  const int64_t micros = store::Micros(now);
  int64_t found = 0;
  session << "SELECT COUNT(*) FROM (SELECT 1 FROM conversation WHERE escalate_time > 0 AND escalate_time <= :now LIMIT "
             "1) AS due",
      into(found), use(micros, "now");
  return found > 0;
}

void EndOverdue(soci::session& session, const std::string& name) {
  session << "UPDATE conversation SET escalate_time = 0 WHERE name = :name", use(name, "name");
}

absl::Status SaveConversation(soci::session& session, ConversationRow& row, absl::Time now) {
  v1::Conversation& conversation = row.conversation;
  const bool is_new = row.revision == 0;
  const int64_t state = conversation.state(), urgency = conversation.urgency(), place = PlaceOf(conversation);
  if (conversation.has_waiting_since()) {
    row.position.since = FromProto(conversation.waiting_since());
  } else if (is_new || place != row.position.place) {
    row.position.since = now;
  }
  const int64_t since = store::Micros(row.position.since), escalate = EscalateTimeOf(conversation);
  const int64_t revision = row.revision + 1;
  conversation.clear_etag();
  LUMBAR_ASSIGN_OR_RETURN(const std::string body, store::ToColumn(conversation));
  const char* const sql =
      is_new ? "INSERT INTO conversation (name, number, state, urgency, assignee, place, since, escalate_time, "
               "revision, body) VALUES (:name, :number, :state, :urgency, :assignee, :place, :since, :escalate, "
               ":revision, :body)"
             : "UPDATE conversation SET number = :number, state = :state, urgency = :urgency, assignee = :assignee, "
               "place = :place, since = :since, escalate_time = :escalate, revision = :revision, body = :body "
               "WHERE name = :name";
  session << sql, use(conversation.name(), "name"), use(conversation.number(), "number"), use(state, "state"),
      use(urgency, "urgency"), use(conversation.assignee(), "assignee"), use(place, "place"), use(since, "since"),
      use(escalate, "escalate"), use(revision, "revision"), use(body, "body");
  row.revision = revision;
  row.position.place = place;
  row.position.name = conversation.name();
  conversation.set_etag(absl::StrCat("v", revision));
  return absl::OkStatus();
}

absl::Status InsertText(soci::session& session, const std::string& conversation, const v1::ConversationText& text) {
  LUMBAR_ASSIGN_OR_RETURN(const std::string body, store::ToColumn(text));
  const int64_t position = text.position();
  session << "INSERT INTO conversation_text (conversation, position, message, body) "
             "VALUES (:conversation, :position, :message, :body)",
      use(conversation, "conversation"), use(position, "position"), use(text.message(), "message"), use(body, "body");
  return absl::OkStatus();
}

absl::StatusOr<std::vector<v1::ConversationText>> SelectTexts(soci::session& session, const std::string& conversation,
                                                              int32_t position, int limit) {
  const int64_t before = position, rows = limit;
  std::string body;
  int64_t delivery = 0;
  soci::statement select =
      (session.prepare << "SELECT t.body, COALESCE(m.state, 0) FROM conversation_text t "
                          "LEFT JOIN message m ON m.name = t.message "
                          "WHERE t.conversation = :conversation AND t.position < :position "
                          "ORDER BY t.position DESC LIMIT :rows",
       into(body), into(delivery), use(conversation, "conversation"), use(before, "position"), use(rows, "rows"));
  select.execute();
  std::vector<v1::ConversationText> found;
  while (select.fetch()) {
    LUMBAR_ASSIGN_OR_RETURN(auto text, store::FromColumn<v1::ConversationText>(body));
    text.set_delivery(static_cast<v1::MessageState>(delivery));
    found.push_back(std::move(text));
  }
  return found;
}

absl::StatusOr<LatestVisit> ReadLatestVisit(soci::session& session, const std::string& patient) {
  LatestVisit latest;
  std::string body;
  session << "SELECT phone_number, body FROM appointment WHERE patient = :patient ORDER BY take_time DESC LIMIT 1",
      into(latest.phone_number), into(body), use(patient, "patient");
  if (!session.got_data()) return LatestVisit();
  LUMBAR_ASSIGN_OR_RETURN(latest.visit, store::FromColumn<booking::v1::Appointment>(body));
  return latest;
}

absl::Status AddReply(soci::session& session, ClaimedMessage& reply) {
  LUMBAR_ASSIGN_OR_RETURN(const ConversationRow row, ReadConversation(session, reply.message.appointment(), Lock::kNo));
  const auto position = static_cast<int32_t>(reply.message.appointment_version());
  LUMBAR_ASSIGN_OR_RETURN(const auto texts, SelectTexts(session, row.conversation.name(), position + 1, 1));
  if (!texts.empty()) reply.text = texts.front().text();
  reply.patient_wrote = FromProto(row.conversation.last_text_time());
  const std::string& patient = row.conversation.patient();
  LUMBAR_ASSIGN_OR_RETURN(const LatestVisit latest,
                          patient.empty() ? LatestVisit() : ReadLatestVisit(session, patient));
  reply.appointment.set_patient(patient);
  reply.appointment.mutable_contact()->set_time_zone(latest.visit.contact().time_zone());
  reply.appointment.mutable_contact()->set_phone_number(row.conversation.number());
  return absl::OkStatus();
}

absl::Status ReopenUnanswered(soci::session& session, const std::string& name, absl::Time now) {
  if (!TakeUnlessWaiting(session, name)) return absl::OkStatus();
  LUMBAR_ASSIGN_OR_RETURN(ConversationRow row, ReadConversation(session, name, Lock::kNo));
  if (row.conversation.state() == v1::CONVERSATION_STATE_CLOSED) {
    // A number has one open conversation: it may have gone on in another.
    LUMBAR_ASSIGN_OR_RETURN(auto other, FindConversation(session, row.conversation.number(), Lock::kNo));
    if (other && other->conversation.state() != v1::CONVERSATION_STATE_CLOSED) {
      const std::string open = other->conversation.name();
      if (!TakeUnlessWaiting(session, open)) return absl::OkStatus();
      LUMBAR_ASSIGN_OR_RETURN(row, ReadConversation(session, open, Lock::kNo));
    }
  }
  AwaitAnswerAgain(row.conversation, now);
  return SaveConversation(session, row, now);
}

ConversationBacklog MeasureConversations(soci::session& session) {
  ConversationBacklog backlog;
  int64_t oldest = 0;
  const auto answered = static_cast<int64_t>(kAnswered);
  session << "SELECT COUNT(*), COALESCE(MIN(since), 0) FROM conversation WHERE place < :answered",
      into(backlog.waiting), into(oldest), use(answered, "answered");
  if (backlog.waiting > 0) backlog.oldest = store::FromMicros(oldest);
  return backlog;
}

}  // namespace lumbar::notification
