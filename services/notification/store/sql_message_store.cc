#include "services/notification/store/sql_message_store.h"

#include <algorithm>
#include <string>
#include <utility>

#include "common/status/macros.h"
#include "common/store/idempotency.h"
#include "common/store/proto_column.h"
#include "common/store/resource_name.h"
#include "common/time/proto_time.h"
#include "services/notification/domain/phone_number.h"
#include "services/notification/store/afterlife.h"
#include "services/notification/store/message_table.h"
#include "services/notification/store/recipient_table.h"

namespace lumbar::notification {
namespace {

using soci::into;
using soci::use;

// Only what a message needs is kept.
absl::StatusOr<std::string> BodyOf(const booking::v1::Appointment& appointment) {
  booking::v1::Appointment kept;
  kept.set_name(appointment.name());
  kept.set_patient(appointment.patient());
  *kept.mutable_slot() = appointment.slot();
  kept.mutable_contact()->set_display_name(appointment.contact().display_name());
  kept.mutable_contact()->set_email(appointment.contact().email());
  kept.mutable_contact()->set_phone_number(appointment.contact().phone_number());
  kept.mutable_contact()->set_time_zone(appointment.contact().time_zone());
  kept.mutable_contact()->set_language_code(appointment.contact().language_code());
  return store::ToColumn(kept);
}

// When and with whom the appointment was until now; empty: it is new.
absl::StatusOr<booking::v1::Slot> FormerSlot(soci::session& session, const std::string& name) {
  std::string body;
  session << "SELECT body FROM appointment WHERE name = :name", into(body), use(name, "name");
  if (!session.got_data()) return booking::v1::Slot();
  LUMBAR_ASSIGN_OR_RETURN(const auto before, store::FromColumn<booking::v1::Appointment>(body));
  return before.slot();
}

bool IsSameVisit(const booking::v1::Slot& a, const booking::v1::Slot& b) {
  return a.clinician() == b.clinician() && FromProto(a.start_time()) == FromProto(b.start_time()) &&
         FromProto(a.end_time()) == FromProto(b.end_time());
}

// Returns false if the appointment is known in this version or a later one.
absl::StatusOr<bool> TakeVersion(soci::session& session, const booking::v1::Appointment& appointment, absl::Time now) {
  LUMBAR_ASSIGN_OR_RETURN(const std::string body, BodyOf(appointment));
  const std::string phone_number = InE164(appointment.contact().phone_number());
  const int64_t version = appointment.version(), micros = store::Micros(now);
  soci::statement take =
      (session.prepare << "INSERT INTO appointment (name, version, body, patient, phone_number, take_time) "
                          "VALUES (:name, :version, :body, :patient, :phone_number, :now) "
                          "ON CONFLICT (name) DO UPDATE SET version = excluded.version, body = excluded.body, "
                          "patient = excluded.patient, phone_number = excluded.phone_number, "
                          "take_time = excluded.take_time WHERE appointment.version < excluded.version",
       use(appointment.name(), "name"), use(version, "version"), use(body, "body"),
       use(appointment.patient(), "patient"), use(phone_number, "phone_number"), use(micros, "now"));
  take.execute(true);
  return take.get_affected_rows() == 1;
}

v1::Message NewMessage(const booking::v1::Appointment& appointment, const PlannedMessage& planned, absl::Time now) {
  v1::Message message;
  message.set_name(store::NewName("messages"));
  message.set_appointment(appointment.name());
  message.set_appointment_version(appointment.version());
  message.set_kind(planned.kind);
  message.set_channel(planned.channel);
  *message.mutable_due_time() = ToProtoTime(planned.due);
  if (planned.expires != absl::InfiniteFuture()) *message.mutable_expire_time() = ToProtoTime(planned.expires);
  message.set_state(v1::MESSAGE_STATE_QUEUED);
  message.set_clinician(planned.clinician);
  *message.mutable_update_time() = ToProtoTime(now);
  return message;
}

}  // namespace

absl::StatusOr<Recorded> SqlMessageStore::Record(const store::Mutation& mutation,
                                                 const booking::v1::Appointment& appointment, const Plan& plan) {
  Recorded recorded;
  const std::string drop_reason(plan.drop_reason);
  const absl::Time now = clock_.Now();
  const auto act = [&](soci::session& session) -> absl::StatusOr<v1::RecordAppointmentEventResponse> {
    v1::RecordAppointmentEventResponse response;
    LUMBAR_ASSIGN_OR_RETURN(const booking::v1::Slot former, FormerSlot(session, appointment.name()));
    LUMBAR_ASSIGN_OR_RETURN(const bool later, TakeVersion(session, appointment, clock_.Now()));
    if (!later) return response;
    if (plan.keeps_confirmations && IsSameVisit(former, appointment.slot())) {
      KeepConfirmations(session, appointment, now);
    }
    recorded.dropped = DropQueued(session, appointment, drop_reason, now);
    for (const PlannedMessage& planned : WithFarewell(plan.messages, former.clinician(), appointment, now)) {
      const v1::Message message = NewMessage(appointment, planned, now);
      InsertMessage(session, message);
      response.add_messages(message.name());
    }
    return response;
  };
  LUMBAR_ASSIGN_OR_RETURN(recorded.response,
                          store::Once<v1::RecordAppointmentEventResponse>(database_, mutation, clock_, act));
  return recorded;
}

absl::StatusOr<v1::Message> SqlMessageStore::Get(absl::string_view name) {
  return database_.ReadOne([&](soci::session& session) { return ReadMessage(session, std::string(name)); });
}

absl::StatusOr<std::vector<v1::Message>> SqlMessageStore::List(const MessageQuery& query) {
  return database_.ReadOne([&](soci::session& session) -> absl::StatusOr<std::vector<v1::Message>> {
    return SelectMessages(session, query);
  });
}

absl::StatusOr<std::vector<MessageChange>> SqlMessageStore::Changes(const std::vector<v1::MessageState>& states,
                                                                    const MessageChange& after, int limit) {
  return database_.ReadOne([&](soci::session& session) -> absl::StatusOr<std::vector<MessageChange>> {
    return SelectChanges(session, states, after, limit);
  });
}

absl::StatusOr<std::vector<ClaimedMessage>> SqlMessageStore::Claim(int limit, absl::Duration lease) {
  return ClaimUpTo(limit, lease, false);
}

absl::StatusOr<std::vector<ClaimedMessage>> SqlMessageStore::ClaimForStaff(int limit, absl::Duration lease) {
  return ClaimUpTo(limit, lease, true);
}

absl::StatusOr<std::vector<ClaimedMessage>> SqlMessageStore::ClaimUpTo(int limit, absl::Duration lease,
                                                                       bool staff_only) {
  const absl::Time now = clock_.Now();
  const absl::StatusOr<bool> any = database_.ReadOne(
      [&](soci::session& session) -> absl::StatusOr<bool> { return AnyToClaim(session, now, staff_only); });
  if (!any.ok()) return any.status();
  if (!*any) return std::vector<ClaimedMessage>();
  const bool skips_locked = database_.engine_name() == "postgresql";
  return database_.Write([&](soci::session& session) -> absl::StatusOr<std::vector<ClaimedMessage>> {
    LUMBAR_ASSIGN_OR_RETURN(auto claimed, ClaimMessages(session, {now, now + lease, limit, skips_locked, staff_only}));
    TakeRooms(session, rate_, now, claimed);
    return claimed;
  });
}

absl::StatusOr<std::vector<absl::Status>> SqlMessageStore::SettleAll(absl::Span<const Settled> ended) {
  const absl::Time now = clock_.Now();
  return database_.Write([&](soci::session& session) -> absl::StatusOr<std::vector<absl::Status>> {
    std::vector<absl::Status> saved;
    saved.reserve(ended.size());
    std::vector<std::string> unused;
    for (const auto& [claimed, settlement] : ended) {
      saved.push_back(SettleMessage(session, *claimed, settlement, now));
      if (!saved.back().ok() || claimed->room.empty() || KeepsRoom(*claimed, settlement)) continue;
      unused.push_back(claimed->room);
    }
    ReturnRooms(session, rate_, std::move(unused));
    return saved;
  });
}

absl::StatusOr<v1::ReplayDeadLetterResponse> SqlMessageStore::Replay(const store::Mutation& mutation,
                                                                     absl::string_view name) {
  const auto act = [&](soci::session& session) -> absl::StatusOr<v1::ReplayDeadLetterResponse> {
    v1::ReplayDeadLetterResponse response;
    LUMBAR_RETURN_IF_ERROR(ReplayMessage(session, std::string(name), clock_.Now()));
    LUMBAR_ASSIGN_OR_RETURN(*response.mutable_message(), ReadMessage(session, std::string(name)));
    return response;
  };
  return store::Once<v1::ReplayDeadLetterResponse>(database_, mutation, clock_, act);
}

absl::StatusOr<Replayed> SqlMessageStore::ReplayMany(const store::Mutation& mutation, const ReplayTerms& terms) {
  Replayed replayed;
  const auto act = [&](soci::session& session) -> absl::StatusOr<v1::ReplayDeadLettersResponse> {
    const absl::Time now = clock_.Now();
    const DeadLetterFilter dead{terms.reason, std::min(terms.given_up_by, now)};
    v1::ReplayDeadLettersResponse response;
    replayed.dropped = DropStale(session, dead, terms.limit, now);
    response.set_dropped_count(replayed.dropped);
    response.set_replayed_count(ReplayMessages(session, dead, terms.limit - replayed.dropped, now));
    response.set_remaining_count(CountDead(session, dead));
    *response.mutable_given_up_by() = ToProtoTime(dead.given_up_by);
    return response;
  };
  LUMBAR_ASSIGN_OR_RETURN(replayed.response,
                          store::Once<v1::ReplayDeadLettersResponse>(database_, mutation, clock_, act));
  return replayed;
}

absl::StatusOr<bool> SqlMessageStore::RecordStatus(const ProviderStatus& status) {
  return database_.Write(
      [&](soci::session& session) -> absl::StatusOr<bool> { return AdvanceMessage(session, status, clock_.Now()); });
}

absl::StatusOr<v1::RaiseAlertResponse> SqlMessageStore::Alert(const store::Mutation& mutation, const std::string& about,
                                                              v1::MessageKind kind, int64_t number) {
  const auto act = [&](soci::session& session) -> absl::StatusOr<v1::RaiseAlertResponse> {
    v1::RaiseAlertResponse response;
    const std::vector<v1::Message> raised = SelectMessages(session, {about, {}, {}, kMostAlerts});
    const auto same = std::find_if(raised.begin(), raised.end(), [&](const v1::Message& message) {
      return message.kind() == kind && message.appointment_version() == number;
    });
    *response.mutable_message() = same != raised.end() ? *same : NewMessage(about, kind, number, clock_.Now());
    if (same == raised.end()) InsertFirst(session, response.message());
    return response;
  };
  return store::Once<v1::RaiseAlertResponse>(database_, mutation, clock_, act);
}

absl::StatusOr<Backlog> SqlMessageStore::Measure() {
  return database_.Read(
      [&](soci::session& session) -> absl::StatusOr<Backlog> { return MeasureBacklog(session, clock_.Now()); });
}

}  // namespace lumbar::notification
