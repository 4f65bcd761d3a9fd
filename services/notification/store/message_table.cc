#include "services/notification/store/message_table.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>

#include <algorithm>
#include <utility>

#include "common/status/macros.h"
#include "common/store/proto_column.h"
#include "common/store/resource_name.h"
#include "common/time/proto_time.h"
#include "services/notification/domain/reader_plan.h"
#include "services/notification/errors.h"
#include "services/notification/store/claimed_contents.h"
#include "services/notification/store/conversation_table.h"
#include "services/notification/store/mail_instead.h"

namespace lumbar::notification {
namespace {

using soci::into;
using soci::use;

constexpr int64_t kQueued = v1::MESSAGE_STATE_QUEUED;
constexpr int64_t kDropped = v1::MESSAGE_STATE_DROPPED;
constexpr int64_t kSent = v1::MESSAGE_STATE_SENT;
constexpr int64_t kConfirmation = v1::MESSAGE_KIND_CONFIRMATION;
constexpr int64_t kClinicianBooking = v1::MESSAGE_KIND_CLINICIAN_BOOKING;
constexpr int64_t kFarewell = v1::MESSAGE_KIND_CLINICIAN_CANCELLATION;

constexpr char kColumns[] =
    "name, appointment, version, kind, channel, due_time, state, reason, attempts, sent_time, clinician, expire_time, "
    "update_time ";

// The rows are chosen once, and where several write at once none that another chose; there the outer conditions are
// checked again on the row as it is when its lock is had.
// The state and the kinds stand in the text, so that the engine can use the indexes of the queue (0009_queue.sql,
// 0010_staff.sql).
constexpr char kChoose[] =
    "WITH chosen AS MATERIALIZED (SELECT name FROM message WHERE state = 1 AND try_time <= :now ";
constexpr char kToStaff[] = "AND kind >= 20 AND kind < 30 ";
constexpr char kFirst[] = "ORDER BY try_time LIMIT :batch";
constexpr char kClaim[] =
    ") UPDATE message SET try_time = :lease_end, fence = fence + 1, attempts = attempts + 1, unsettled = unsettled + 1 "
    "WHERE state = 1 AND try_time <= :now AND name IN (SELECT name FROM chosen) RETURNING ";
static_assert(v1::MESSAGE_STATE_QUEUED == 1);
static_assert(v1::MESSAGE_KIND_STAFF_ALERT == 20 && v1::MESSAGE_KIND_EVENT_BOOKED == 30);

// What is sent stays sent, whatever an event said meanwhile. What a provider told of an earlier try before this one is
// settled isn't the end of it: this is the try that counts.
constexpr char kSettle[] =
    "UPDATE message SET state = :state, reason = :reason, attempts = :attempts, sent_time = :sent, try_time = :next, "
    "unsettled = 0, doubtful = :doubtful, provider = :provider, provider_reference = :reference, ";
constexpr char kSettled[] =
    " WHERE name = :name AND fence = :fence AND (state = :queued OR (:state = :done AND (state = :dropped OR "
    "(state IN (:done, :undelivered) AND :reference <> '' AND provider_reference <> :reference))))";

// The columns of one row, in the order of kColumns.
struct Row {
  std::string name, appointment, reason, clinician;
  int64_t version = 0, kind = 0, channel = 0, due_time = 0, state = 0, attempts = 0, sent_time = 0, expire_time = 0,
          update_time = 0;

  void ExchangeInto(soci::statement& statement) {
    statement.exchange(into(name));
    statement.exchange(into(appointment));
    statement.exchange(into(version));
    statement.exchange(into(kind));
    statement.exchange(into(channel));
    statement.exchange(into(due_time));
    statement.exchange(into(state));
    statement.exchange(into(reason));
    statement.exchange(into(attempts));
    statement.exchange(into(sent_time));
    statement.exchange(into(clinician));
    statement.exchange(into(expire_time));
    statement.exchange(into(update_time));
  }

  v1::Message ToMessage() const {
    v1::Message message;
    message.set_name(name);
    message.set_appointment(appointment);
    message.set_appointment_version(version);
    message.set_kind(static_cast<v1::MessageKind>(kind));
    message.set_channel(static_cast<v1::Channel>(channel));
    *message.mutable_due_time() = ToProtoTime(store::FromMicros(due_time));
    if (sent_time != 0) *message.mutable_sent_time() = ToProtoTime(store::FromMicros(sent_time));
    message.set_state(static_cast<v1::MessageState>(state));
    message.set_reason(reason);
    message.set_attempts(static_cast<int32_t>(attempts));
    message.set_clinician(clinician);
    if (expire_time != 0) *message.mutable_expire_time() = ToProtoTime(store::FromMicros(expire_time));
    if (update_time != 0) *message.mutable_update_time() = ToProtoTime(store::FromMicros(update_time));
    return message;
  }
};

void Run(soci::statement& statement, const std::string& sql) {
  statement.alloc();
  statement.prepare(sql);
  statement.define_and_bind();
  statement.execute();
}

// Whether the provider told that it has the message before this claim did.
bool IsKnownAsSent(soci::session& session, const ClaimedMessage& claimed) {
  constexpr int64_t kDelivered = v1::MESSAGE_STATE_DELIVERED, kUndelivered = v1::MESSAGE_STATE_UNDELIVERED;
  int64_t found = 0;
  session << "SELECT COUNT(*) FROM message WHERE name = :name AND fence = :fence AND state IN (:sent, :delivered, "
             ":undelivered)",
      into(found), use(claimed.message.name(), "name"), use(claimed.fence, "fence"), use(kSent, "sent"),
      use(kDelivered, "delivered"), use(kUndelivered, "undelivered");
  return found == 1;
}

// `unless` says what becomes of it where there is one already; empty: it fails.
void InsertToTry(soci::session& session, const v1::Message& message, absl::Time when, const char* unless = "") {
  const int64_t version = message.appointment_version(), kind = message.kind(), channel = message.channel();
  const int64_t due = store::Micros(FromProto(message.due_time())), state = message.state();
  const int64_t expires = message.has_expire_time() ? store::Micros(FromProto(message.expire_time())) : 0;
  const int64_t try_time = store::Micros(when), updated = store::Micros(FromProto(message.update_time()));
  session << "INSERT INTO message (name, appointment, version, kind, channel, due_time, state, reason, attempts, "
             "sent_time, try_time, fence, unsettled, clinician, expire_time, update_time) VALUES (:name, :appointment, "
             ":version, :kind, :channel, :due, :state, '', 0, 0, :try_time, 0, 0, :clinician, :expires, :updated)"
          << unless,
      use(message.name(), "name"), use(message.appointment(), "appointment"), use(version, "version"),
      use(kind, "kind"), use(channel, "channel"), use(due, "due"), use(state, "state"), use(try_time, "try_time"),
      use(message.clinician(), "clinician"), use(expires, "expires"), use(updated, "updated");
}

// Adds up to terms.limit messages in all, those that `which` says.
void ClaimSome(soci::session& session, const ClaimTerms& terms, const char* which,
               std::vector<ClaimedMessage>& claimed) {
  const int64_t micros = store::Micros(terms.now), until = store::Micros(terms.lease_end);
  const int64_t batch = terms.limit - static_cast<int64_t>(claimed.size());
  if (batch <= 0) return;
  Row row;
  int64_t fence = 0, unsettled = 0, doubtful = 0;
  soci::statement claim(session);
  row.ExchangeInto(claim);
  claim.exchange(into(fence));
  claim.exchange(into(unsettled));
  claim.exchange(into(doubtful));
  claim.exchange(use(until, "lease_end"));
  claim.exchange(use(micros, "now"));
  claim.exchange(use(batch, "batch"));
  const char* skip = terms.skips_locked ? " FOR UPDATE SKIP LOCKED" : "";
  Run(claim, absl::StrCat(kChoose, which, kFirst, skip, kClaim, kColumns, ", fence, unsettled, doubtful"));
  while (claim.fetch()) {
    const bool recovered = unsettled > 1;
    claimed.push_back({row.ToMessage(), fence, terms.lease_end, recovered, recovered || doubtful != 0, {}});
  }
}

}  // namespace

void InsertMessage(soci::session& session, const v1::Message& message) {
  InsertToTry(session, message, FromProto(message.due_time()));
}

void InsertUnlessPlanned(soci::session& session, const v1::Message& message) {
  InsertToTry(session, message, FromProto(message.due_time()),
              " ON CONFLICT (appointment, version, kind, channel) DO NOTHING");
}

v1::Message NewMessage(const std::string& about, v1::MessageKind kind, int64_t version, absl::Time now) {
  v1::Message message;
  message.set_name(store::NewName("messages"));
  message.set_appointment(about);
  message.set_appointment_version(version);
  message.set_kind(kind);
  message.set_channel(kind == v1::MESSAGE_KIND_REPLY ? v1::CHANNEL_SMS : v1::CHANNEL_EMAIL);
  *message.mutable_due_time() = ToProtoTime(now);
  message.set_state(v1::MESSAGE_STATE_QUEUED);
  *message.mutable_update_time() = ToProtoTime(now);
  return message;
}

void InsertFirst(soci::session& session, const v1::Message& message) {
  InsertToTry(session, message, absl::UnixEpoch());
}

void KeepConfirmations(soci::session& session, const booking::v1::Appointment& latest, absl::Time now) {
  const int64_t version = latest.version(), micros = store::Micros(now);
  session << absl::StrCat("UPDATE message SET version = :version, ", kTouch,
                          " WHERE appointment = :appointment AND state = :queued AND "
                          "kind IN (:confirmation, :clinician_booking)"),
      use(version, "version"), use(micros, "now"), use(latest.name(), "appointment"), use(kQueued, "queued"),
      use(kConfirmation, "confirmation"), use(kClinicianBooking, "clinician_booking");
}

int64_t DropQueued(soci::session& session, const booking::v1::Appointment& latest, const std::string& reason,
                   absl::Time now) {
  const int64_t version = latest.version(), micros = store::Micros(now);
  soci::statement drop =
      (session.prepare << absl::StrCat("UPDATE message SET state = :dropped, reason = :reason, ", kTouch,
                                       " WHERE appointment = :appointment AND state = :queued AND version < :version "
                                       "AND NOT (kind = :farewell AND clinician <> :clinician)"),
       use(kDropped, "dropped"), use(reason, "reason"), use(micros, "now"), use(latest.name(), "appointment"),
       use(kQueued, "queued"), use(version, "version"), use(kFarewell, "farewell"),
       use(latest.slot().clinician(), "clinician"));
  drop.execute(true);
  return drop.get_affected_rows();
}

bool AnyToClaim(soci::session& session, absl::Time now, bool staff_only) {
  const int64_t micros = store::Micros(now);
  int64_t found = 0;
  session << absl::StrCat("SELECT COUNT(*) FROM (SELECT 1 FROM message WHERE state = 1 AND try_time <= :now ",
                          staff_only ? kToStaff : "", "LIMIT 1) AS due"),
      into(found), use(micros, "now");
  return found > 0;
}

absl::StatusOr<std::vector<ClaimedMessage>> ClaimMessages(soci::session& session, const ClaimTerms& terms) {
  std::vector<ClaimedMessage> claimed;
  // An alert waits behind nothing, also when it is tried again.
  ClaimSome(session, terms, kToStaff, claimed);
  if (!terms.staff_only) ClaimSome(session, terms, "", claimed);
  LUMBAR_RETURN_IF_ERROR(AddContents(session, terms.lease_end, claimed));
  // RETURNING promises no order.
  std::sort(claimed.begin(), claimed.end(), [](const ClaimedMessage& a, const ClaimedMessage& b) {
    const bool first = IsForStaff(a.message.kind()), second = IsForStaff(b.message.kind());
    if (first != second) return first;
    return FromProto(a.message.due_time()) < FromProto(b.message.due_time());
  });
  return claimed;
}

absl::Status SettleMessage(soci::session& session, const ClaimedMessage& claimed, const Settlement& settlement,
                           absl::Time now) {
  constexpr int64_t kUndelivered = v1::MESSAGE_STATE_UNDELIVERED;
  const int64_t micros = store::Micros(now);
  const int64_t state = settlement.state, attempts = settlement.attempts, time = store::Micros(settlement.time);
  const int64_t sent = state == kSent ? time : 0, doubtful = settlement.doubtful ? 1 : 0;
  soci::statement settle =
      (session.prepare << absl::StrCat(kSettle, kTouch, kSettled), use(state, "state"),
       use(settlement.reason, "reason"), use(attempts, "attempts"), use(sent, "sent"), use(time, "next"),
       use(doubtful, "doubtful"), use(settlement.provider, "provider"), use(settlement.provider_reference, "reference"),
       use(micros, "now"), use(claimed.message.name(), "name"), use(claimed.fence, "fence"), use(kQueued, "queued"),
       use(kDropped, "dropped"), use(kSent, "done"), use(kUndelivered, "undelivered"));
  settle.execute(true);
  if (settle.get_affected_rows() == 1) {
    if (GoesByMailInstead(claimed.message, settlement.state, settlement.reason)) {
      MailInstead(session, claimed.message, now);
    }
    const bool unanswered = claimed.message.kind() == v1::MESSAGE_KIND_REPLY && state != kSent && state != kQueued;
    return unanswered ? ReopenUnanswered(session, claimed.message.appointment(), now) : absl::OkStatus();
  }
  return state == kSent && IsKnownAsSent(session, claimed) ? absl::OkStatus() : ClaimLost();
}

std::vector<v1::Message> SelectMessages(soci::session& session, const MessageQuery& query) {
  const int64_t due = query.after ? store::Micros(query.after->due_time) : 0;
  const std::string name = query.after ? query.after->name : "";
  const int64_t state = query.state;
  Row row;
  soci::statement select(session);
  row.ExchangeInto(select);
  std::string filter;
  if (!query.appointment.empty()) {
    filter += "appointment = :appointment AND ";
    select.exchange(use(query.appointment, "appointment"));
  }
  if (state != v1::MESSAGE_STATE_UNSPECIFIED) {
    // In the text, so that the engine can use an index of that state alone.
    absl::StrAppend(&filter, "state = ", state, " AND ");
  }
  select.exchange(use(due, "due"));
  select.exchange(use(name, "name"));
  select.exchange(use(query.limit, "rows"));
  Run(select, std::string("SELECT ") + kColumns + "FROM message WHERE " + filter +
                  "(due_time, name) > (:due, :name) ORDER BY due_time, name LIMIT :rows");
  std::vector<v1::Message> found;
  while (select.fetch()) found.push_back(row.ToMessage());
  return found;
}

std::vector<MessageChange> SelectChanges(soci::session& session, const std::vector<v1::MessageState>& states,
                                         const MessageChange& after, int limit) {
  const int64_t time = store::Micros(after.time);
  int64_t found_time = 0;
  MessageChange row;
  soci::statement select(session);
  select.exchange(into(found_time));
  select.exchange(into(row.name));
  select.exchange(use(time, "time"));
  select.exchange(use(after.name, "name"));
  select.exchange(use(limit, "rows"));
  // Numbers of an enum: nothing of theirs can be SQL.
  const std::string filter = states.empty() ? "" : absl::StrCat("state IN (", absl::StrJoin(states, ", "), ") AND ");
  Run(select, absl::StrCat("SELECT update_time, name FROM message WHERE ", filter,
                           "(update_time, name) > (:time, :name) ORDER BY update_time, name LIMIT :rows"));
  std::vector<MessageChange> found;
  while (select.fetch()) {
    row.time = store::FromMicros(found_time);
    found.push_back(row);
  }
  return found;
}

absl::StatusOr<v1::Message> ReadMessage(soci::session& session, const std::string& name) {
  Row row;
  soci::statement select(session);
  row.ExchangeInto(select);
  select.exchange(use(name, "name"));
  Run(select, std::string("SELECT ") + kColumns + "FROM message WHERE name = :name");
  if (!select.fetch()) return MessageNotFound();
  return row.ToMessage();
}

Backlog MeasureBacklog(soci::session& session, absl::Time now) {
  const int64_t micros = store::Micros(now);
  Backlog backlog;
  int64_t oldest = 0;
  session << "SELECT COUNT(*) FROM message WHERE state = 1", into(backlog.queued);
  // What is held back on purpose isn't late.
  session << "SELECT due_time FROM message WHERE state = 1 AND due_time <= :now AND "
             "reason NOT IN ('QUIET_HOURS', 'RECIPIENT_RATE') ORDER BY due_time LIMIT 1",
      into(oldest), use(micros, "now");
  if (session.got_data()) backlog.oldest_due = store::FromMicros(oldest);
  return backlog;
}

}  // namespace lumbar::notification
