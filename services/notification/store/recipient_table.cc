#include "services/notification/store/recipient_table.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <optional>
#include <set>

#include "common/store/proto_column.h"
#include "services/notification/store/message_table.h"

namespace lumbar::notification {
namespace {

using soci::into;
using soci::use;

// Changes nothing where there is no room. Atomic between replicas: of two, one waits for the other's row.
constexpr char kTake[] =
    "INSERT INTO recipient_rate (recipient, due_time) VALUES (:recipient, :first) "
    "ON CONFLICT (recipient) DO UPDATE SET due_time = "
    "CASE WHEN recipient_rate.due_time < :now THEN :first ELSE recipient_rate.due_time + :interval END "
    "WHERE recipient_rate.due_time <= :latest";

// As if it hadn't been claimed: what was in doubt still is.
constexpr char kHold[] =
    "UPDATE message SET try_time = :until, reason = 'RECIPIENT_RATE', attempts = attempts - 1, "
    "unsettled = unsettled - 1, ";

// One statement for a whole batch.
class Taking {
 public:
  Taking(soci::session& session, const RecipientRate& rate, absl::Time now)
      : session_(session),
        rate_(rate),
        first_(store::Micros(now + rate.interval())),
        now_(store::Micros(now)),
        interval_(absl::ToInt64Microseconds(rate.interval())),
        latest_(store::Micros(now + rate.slack())),
        take_((session.prepare << kTake, use(recipient_, "recipient"), use(first_, "first"), use(now_, "now"),
               use(interval_, "interval"), use(latest_, "latest"))) {}

  // Nothing: it is taken. Otherwise when there may be room.
  std::optional<absl::Time> Take(const std::string& recipient) {
    recipient_ = recipient;
    take_.execute(true);
    if (take_.get_affected_rows() == 1) return std::nullopt;
    int64_t due = 0;
    session_ << "SELECT due_time FROM recipient_rate WHERE recipient = :recipient", into(due),
        use(recipient, "recipient");
    return store::FromMicros(due) - rate_.slack();
  }

 private:
  soci::session& session_;
  const RecipientRate& rate_;
  std::string recipient_;
  const int64_t first_, now_, interval_, latest_;
  soci::statement take_;
};

void Hold(soci::session& session, const std::string& message, absl::Time until, absl::Time now) {
  const int64_t until_micros = store::Micros(until), micros = store::Micros(now);
  session << absl::StrCat(kHold, kTouch, " WHERE name = :name"), use(until_micros, "until"), use(micros, "now"),
      use(message, "name");
}

}  // namespace

void TakeRooms(soci::session& session, const RecipientRate& rate, absl::Time now,
               std::vector<ClaimedMessage>& claimed) {
  if (!rate.is_limited()) return;
  std::vector<ClaimedMessage*> limited;
  for (ClaimedMessage& one : claimed) {
    one.room = RoomFor(one, now);
    if (!one.room.empty()) limited.push_back(&one);
  }
  if (limited.empty()) return;
  // Always in this order, so that two transactions don't wait for each other's rows.
  std::stable_sort(limited.begin(), limited.end(), [](const auto* a, const auto* b) { return a->room < b->room; });
  Taking taking(session, rate, now);
  std::set<std::string> held;
  std::string full;
  absl::Time until;
  for (const ClaimedMessage* one : limited) {
    if (one->room == full) {
      until += rate.interval();
    } else if (const auto when = taking.Take(one->room)) {
      full = one->room;
      until = *when;
    } else {
      continue;
    }
    Hold(session, one->message.name(), until, now);
    held.insert(one->message.name());
  }
  claimed.erase(std::remove_if(claimed.begin(), claimed.end(),
                               [&](const ClaimedMessage& one) { return held.count(one.message.name()) > 0; }),
                claimed.end());
}

void ReturnRooms(soci::session& session, const RecipientRate& rate, std::vector<std::string> recipients) {
  std::sort(recipients.begin(), recipients.end());
  const int64_t interval = absl::ToInt64Microseconds(rate.interval());
  for (const std::string& recipient : recipients) {
    session << "UPDATE recipient_rate SET due_time = due_time - :interval WHERE recipient = :recipient",
        use(interval, "interval"), use(recipient, "recipient");
  }
}

int64_t ExpireRooms(soci::session& session, absl::Time now, int64_t limit) {
  const int64_t micros = store::Micros(now);
  // The outer condition is checked again on the row as it is when its lock is had.
  soci::statement expire =
      (session.prepare << "DELETE FROM recipient_rate WHERE due_time < :now AND recipient IN ("
                          "SELECT recipient FROM recipient_rate WHERE due_time < :now ORDER BY due_time LIMIT :rows)",
       use(micros, "now"), use(limit, "rows"));
  expire.execute(true);
  return expire.get_affected_rows();
}

}  // namespace lumbar::notification
