#include "services/notification/store/claimed_contents.h"

#include <map>
#include <string>
#include <utility>

#include "common/status/macros.h"
#include "common/store/proto_column.h"
#include "common/telemetry/log.h"
#include "services/notification/store/conversation_table.h"

namespace lumbar::notification {
namespace {

using soci::into;
using soci::use;
// By name.
using Appointments = std::map<std::string, absl::StatusOr<booking::v1::Appointment>>;

// Of the messages that were just claimed, and of those that another claimed in the same microsecond.
constexpr char kAppointmentsClaimed[] =
    "SELECT name, body FROM appointment WHERE name IN ("
    "SELECT appointment FROM message WHERE state = 1 AND try_time = :lease_end)";
static_assert(v1::MESSAGE_STATE_QUEUED == 1);

Appointments AppointmentsClaimed(soci::session& session, absl::Time lease_end) {
  const int64_t until = store::Micros(lease_end);
  std::string name, body;
  soci::statement select = (session.prepare << kAppointmentsClaimed, into(name), into(body), use(until, "lease_end"));
  select.execute();
  Appointments found;
  while (select.fetch()) found.insert_or_assign(name, store::FromColumn<booking::v1::Appointment>(body));
  return found;
}

// A text that moved a visit may say what the one before it said: who is asked about the one must not take the other for
// it.
void AddOthers(soci::session& session, ClaimedMessage& claimed) {
  if (!claimed.doubtful) return;
  std::string reference;
  soci::statement select =
      (session.prepare << "SELECT provider_reference FROM message WHERE appointment = :appointment AND "
                          "provider_reference <> '' AND name <> :name LIMIT 100",
       into(reference), use(claimed.message.appointment(), "appointment"), use(claimed.message.name(), "name"));
  select.execute();
  while (select.fetch()) claimed.others.push_back(reference);
}

absl::Status AddContent(soci::session& session, const Appointments& appointments, ClaimedMessage& claimed) {
  if (const auto about = appointments.find(claimed.message.appointment()); about != appointments.end()) {
    LUMBAR_ASSIGN_OR_RETURN(claimed.appointment, about->second);
  }
  if (claimed.message.kind() == v1::MESSAGE_KIND_REPLY) LUMBAR_RETURN_IF_ERROR(AddReply(session, claimed));
  AddOthers(session, claimed);
  return absl::OkStatus();
}

// Takes back that this claim is a try, which may have sent the message; the lease stays.
void LeaveUntried(soci::session& session, const ClaimedMessage& claimed) {
  Log(LogLevel::kError, "message_unreadable", {{"message", claimed.message.name()}});
  session << "UPDATE message SET attempts = attempts - 1, unsettled = unsettled - 1 WHERE name = :name AND fence = "
             ":fence",
      use(claimed.message.name(), "name"), use(claimed.fence, "fence");
}

}  // namespace

absl::Status AddContents(soci::session& session, absl::Time lease_end, std::vector<ClaimedMessage>& claimed) {
  const Appointments appointments = AppointmentsClaimed(session, lease_end);
  std::vector<ClaimedMessage> readable;
  for (ClaimedMessage& one : claimed) {
    const absl::Status added = AddContent(session, appointments, one);
    if (absl::IsDataLoss(added)) {
      LeaveUntried(session, one);
    } else {
      LUMBAR_RETURN_IF_ERROR(added);
      readable.push_back(std::move(one));
    }
  }
  claimed = std::move(readable);
  return absl::OkStatus();
}

}  // namespace lumbar::notification
