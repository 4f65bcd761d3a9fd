#include "services/notification/store/afterlife.h"

#include <absl/strings/str_cat.h>

#include "common/status/macros.h"
#include "common/store/proto_column.h"
#include "services/notification/domain/reader_plan.h"
#include "services/notification/errors.h"
#include "services/notification/store/conversation_table.h"
#include "services/notification/store/mail_instead.h"
#include "services/notification/store/message_table.h"

namespace lumbar::notification {
namespace {

using soci::into;
using soci::use;

constexpr int64_t kQueuedAgain = v1::MESSAGE_STATE_QUEUED;
constexpr int64_t kDroppedInstead = v1::MESSAGE_STATE_DROPPED;

// The state stands in the text, so that the engine can use the index of the dead (0004_delivery.sql).
static_assert(v1::MESSAGE_STATE_DEAD == 4);

// The fence goes on, so that a try which was given up and ends after all changes nothing.
constexpr char kReplay[] =
    "UPDATE message SET state = :queued, reason = '', attempts = 0, try_time = :now, fence = fence + 1, ";
constexpr char kDead[] = " WHERE state = 4 AND ";
// A message changes when it is given up, and not again while it is dead: that was its `update_time`.
constexpr char kChosen[] = "state = 4 AND (:reason = '' OR reason = :reason) AND update_time <= :by ";
constexpr char kOldest[] = "ORDER BY due_time, name LIMIT :rows";
// Of a conversation, or to the staff, and from a day ago, or followed by an answer that the patient got.
constexpr char kIsStale[] =
    "AND (kind = 6 OR (kind >= 20 AND kind < 30)) AND (due_time < :oldest OR EXISTS (SELECT 1 FROM message AS answer "
    "WHERE answer.appointment = letter.appointment AND answer.kind = 6 AND answer.state IN (2, 5) AND "
    "answer.due_time > letter.due_time)) ";
static_assert(v1::MESSAGE_KIND_REPLY == 6);
static_assert(v1::MESSAGE_KIND_STAFF_ALERT == 20 && v1::MESSAGE_KIND_EVENT_BOOKED == 30);
static_assert(v1::MESSAGE_STATE_SENT == 2 && v1::MESSAGE_STATE_DELIVERED == 5);

// Only forward: what isn't sent may become sent, and only what hasn't ended delivered or not. Only of a text, and of
// the try that it is known to be: an earlier one's word may come late. Asked in the update itself, because a settlement
// may come in between.
static_assert(v1::CHANNEL_SMS == 2);
constexpr char kOnlyForward[] =
    " WHERE name = :name AND channel = 2 AND state NOT IN (:delivered, :undelivered) AND state <> :next AND "
    "(provider_reference = '' OR (provider_reference = :reference AND provider = :provider))";

}  // namespace

absl::Status ReplayMessage(soci::session& session, const std::string& name, absl::Time now) {
  const int64_t micros = store::Micros(now);
  soci::statement replay = (session.prepare << absl::StrCat(kReplay, kTouch, kDead, "name = :name"),
                            use(kQueuedAgain, "queued"), use(micros, "now"), use(name, "name"));
  replay.execute(true);
  if (replay.get_affected_rows() == 1) return absl::OkStatus();
  int64_t found = 0;
  session << "SELECT COUNT(*) FROM message WHERE name = :name", into(found), use(name, "name");
  return found == 0 ? MessageNotFound() : MessageNotDead();
}

int32_t DropStale(soci::session& session, const DeadLetterFilter& dead, int32_t limit, absl::Time now) {
  const std::string stale(kStale);
  const int64_t by = store::Micros(dead.given_up_by), oldest = store::Micros(now - kConversationMoves),
                micros = store::Micros(now);
  soci::statement drop = (session.prepare << absl::StrCat(
                              "UPDATE message SET state = :dropped, reason = :stale, ", kTouch, kDead,
                              "name IN (SELECT name FROM message AS letter WHERE ", kChosen, kIsStale, kOldest, ")"),
                          use(kDroppedInstead, "dropped"), use(stale, "stale"), use(micros, "now"),
                          use(dead.reason, "reason"), use(by, "by"), use(oldest, "oldest"), use(limit, "rows"));
  drop.execute(true);
  return static_cast<int32_t>(drop.get_affected_rows());
}

int32_t ReplayMessages(soci::session& session, const DeadLetterFilter& dead, int32_t limit, absl::Time now) {
  const int64_t by = store::Micros(dead.given_up_by), micros = store::Micros(now);
  soci::statement replay =
      (session.prepare << absl::StrCat(kReplay, kTouch, kDead, "name IN (SELECT name FROM message WHERE ", kChosen,
                                       kOldest, ")"),
       use(kQueuedAgain, "queued"), use(micros, "now"), use(dead.reason, "reason"), use(by, "by"), use(limit, "rows"));
  replay.execute(true);
  return static_cast<int32_t>(replay.get_affected_rows());
}

int32_t CountDead(soci::session& session, const DeadLetterFilter& dead) {
  const int64_t by = store::Micros(dead.given_up_by);
  int64_t count = 0;
  session << absl::StrCat("SELECT COUNT(*) FROM message WHERE ", kChosen), into(count), use(dead.reason, "reason"),
      use(by, "by");
  return static_cast<int32_t>(count);
}

absl::StatusOr<bool> AdvanceMessage(soci::session& session, const ProviderStatus& status, absl::Time now) {
  constexpr int64_t kDelivered = v1::MESSAGE_STATE_DELIVERED, kUndelivered = v1::MESSAGE_STATE_UNDELIVERED;
  const int64_t next = status.state, micros = store::Micros(now);
  if (next != v1::MESSAGE_STATE_SENT && next != kDelivered && next != kUndelivered) return false;
  soci::statement advance =
      (session.prepare << absl::StrCat(
           "UPDATE message SET state = :next, reason = :reason, sent_time = CASE WHEN sent_time = 0 THEN :now ELSE "
           "sent_time END, doubtful = 0, provider = :provider, provider_reference = :reference, ",
           kTouch, kOnlyForward),
       use(next, "next"), use(status.reason, "reason"), use(micros, "now"), use(status.provider, "provider"),
       use(status.provider_reference, "reference"), use(status.message, "name"), use(kDelivered, "delivered"),
       use(kUndelivered, "undelivered"));
  advance.execute(true);
  if (advance.get_affected_rows() == 0) return false;
  if (next != kUndelivered) return true;
  LUMBAR_ASSIGN_OR_RETURN(const v1::Message message, ReadMessage(session, status.message));
  if (GoesByMailInstead(message, message.state(), message.reason())) MailInstead(session, message, now);
  if (message.kind() != v1::MESSAGE_KIND_REPLY) return true;
  LUMBAR_RETURN_IF_ERROR(ReopenUnanswered(session, message.appointment(), now));
  return true;
}

}  // namespace lumbar::notification
