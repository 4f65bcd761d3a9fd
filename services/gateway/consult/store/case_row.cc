#include "services/gateway/consult/store/case_row.h"

#include <algorithm>

#include "common/status/macros.h"
#include "common/store/proto_column.h"
#include "common/telemetry/log.h"
#include "common/time/proto_time.h"
#include "services/gateway/consult/domain/ending.h"
#include "services/gateway/consult/domain/errors.h"
#include "services/gateway/consult/domain/worklist.h"
#include "services/gateway/consult/store/list_change_table.h"

namespace lumbar::gateway {
namespace {

using consult::v1::Consult;

// 0 stands for never, so that an index has the others alone.
int64_t MicrosOrNever(absl::Time time) { return time == absl::InfiniteFuture() ? 0 : store::Micros(time); }

// What queries need of a case.
struct Columns {
  std::string message, worker;
  int64_t state = 0, lease_end = 0, alert_time = 0, alerts = 0, urgency = 0, respond_by = 0, due_time = 0;
};

absl::StatusOr<Columns> ColumnsOf(const Case& stored) {
  const Consult& consult = stored.consult;
  Columns columns;
  LUMBAR_ASSIGN_OR_RETURN(columns.message, store::ToColumn(consult));
  columns.worker = WorkerOf(consult);
  columns.state = consult.state();
  columns.lease_end = store::Micros(stored.lease_end);
  columns.alert_time = MicrosOrNever(stored.alert_time);
  columns.alerts = stored.alerts;
  columns.urgency = UrgencyOf(consult);
  columns.respond_by = RespondByOf(consult);
  columns.due_time = MicrosOrNever(DueTimeOf(consult));
  return columns;
}

}  // namespace

int64_t UrgencyOf(const Consult& consult) {
  if (IsOver(consult)) return kOver;
  const absl::Time by = UrgentBy(consult);
  // 0 is for what is to be filled in.
  return by == absl::InfiniteFuture() ? kNotUrgent : std::max<int64_t>(store::Micros(by), 1);
}

int64_t RespondByOf(const Consult& consult) {
  return consult.has_respond_by_time() ? store::Micros(FromProto(consult.respond_by_time())) : 0;
}

absl::StatusOr<Case> ReadCase(const soci::row& row) {
  Case read;
  read.version = row.get<long long>(0);
  read.lease_end = store::FromMicros(row.get<long long>(1));
  read.signed_assessment = row.get<std::string>(2);
  read.hold_request_id = row.get<std::string>(3);
  read.confirm_request_id = row.get<std::string>(4);
  LUMBAR_ASSIGN_OR_RETURN(read.consult, store::FromColumn<Consult>(row.get<std::string>(5)));
  if (const int64_t alert = row.get<long long>(6); alert > 0) read.alert_time = store::FromMicros(alert);
  read.alerts = static_cast<int>(row.get<long long>(7));
  read.alert_request_id = row.get<std::string>(8);
  read.decline_request_id = row.get<std::string>(9);
  read.change_version = row.get<long long>(10);
  return read;
}

std::string NameOfCase(const soci::row& row) { return row.get<std::string>(11); }

std::optional<Case> ReadCaseOrLog(const soci::row& row) {
  absl::StatusOr<Case> read = ReadCase(row);
  if (read.ok()) return *std::move(read);
  Log(LogLevel::kError, "consult_unreadable", {{"consult", NameOfCase(row)}});
  return std::nullopt;
}

absl::StatusOr<Case> LoadCase(soci::session& session, const std::string& name) {
  soci::row row;
  session << "SELECT " << kCaseColumns << " FROM consult WHERE name = :name", soci::use(name), soci::into(row);
  if (!session.got_data()) return ConsultNotFound();
  return ReadCase(row);
}

absl::Status InsertCase(soci::session& session, const Case& inserted, absl::Time now) {
  const auto& consult = inserted.consult;
  LUMBAR_ASSIGN_OR_RETURN(const Columns columns, ColumnsOf(inserted));
  const int64_t created = store::Micros(FromProto(consult.create_time())), version = inserted.version;
  session
      << "INSERT INTO consult (name, patient, state, version, create_time, lease_end, signed_assessment, "
         "hold_request_id, confirm_request_id, message, alert_time, alerts, alert_request_id, "
         "decline_request_id, worker, urgency, respond_by, due_time, listed_version, change_version) VALUES (:name, "
         ":patient, :state, :version, :created, :lease_end, :assessment, :hold, :confirm, :message, :alert_time, "
         ":alerts, :alert_key, :decline_key, :worker, :urgency, :respond_by, :due_time, :listed, :changed)",
      soci::use(consult.name()), soci::use(consult.patient()), soci::use(columns.state), soci::use(version),
      soci::use(created), soci::use(columns.lease_end), soci::use(inserted.signed_assessment),
      soci::use(inserted.hold_request_id), soci::use(inserted.confirm_request_id), soci::use(columns.message),
      soci::use(columns.alert_time), soci::use(columns.alerts), soci::use(inserted.alert_request_id),
      soci::use(inserted.decline_request_id), soci::use(columns.worker), soci::use(columns.urgency),
      soci::use(columns.respond_by), soci::use(columns.due_time), soci::use(version), soci::use(version);
  AddCreation(session, inserted, now);
  return absl::OkStatus();
}

absl::Status UpdateCase(soci::session& session, Case& changed, absl::Time now) {
  LUMBAR_ASSIGN_OR_RETURN(const Columns columns, ColumnsOf(changed));
  const int64_t before = changed.version, after = before + 1;
  AddChange(session, changed, after, columns.message, now);
  soci::statement update =
      (session.prepare << "UPDATE consult SET state = :state, version = :after, lease_end = :lease_end, "
                          "signed_assessment = :assessment, hold_request_id = :hold, confirm_request_id = :confirm, "
                          "change_version = CASE WHEN message = :same THEN change_version ELSE :changed END, "
                          "listed_version = :listed, message = :message, alert_time = :alert_time, alerts = :alerts, "
                          "alert_request_id = "
                          ":alert_key, decline_request_id = :decline_key, worker = :worker, urgency = :urgency, "
                          "respond_by = :respond_by, due_time = :due_time WHERE name = :name AND version = :before",
       soci::use(columns.state), soci::use(after), soci::use(columns.lease_end), soci::use(changed.signed_assessment),
       soci::use(changed.hold_request_id), soci::use(changed.confirm_request_id), soci::use(columns.message),
       soci::use(after), soci::use(after), soci::use(columns.message), soci::use(columns.alert_time),
       soci::use(columns.alerts), soci::use(changed.alert_request_id), soci::use(changed.decline_request_id),
       soci::use(columns.worker), soci::use(columns.urgency), soci::use(columns.respond_by),
       soci::use(columns.due_time), soci::use(changed.consult.name()), soci::use(before));
  update.execute(true);
  if (update.get_affected_rows() != 1) return ChangedMeanwhile();
  changed.version = after;
  return absl::OkStatus();
}

absl::Status FillIn(soci::session& session, const Case& older, absl::Time now) {
  LUMBAR_ASSIGN_OR_RETURN(const Columns columns, ColumnsOf(older));
  const int64_t version = older.version;
  AddMissed(session, older, now);
  session << "UPDATE consult SET worker = :worker, urgency = :urgency, respond_by = :respond_by, due_time = "
             ":due_time, listed_version = :listed, change_version = :changed WHERE name = :name AND version = :version",
      soci::use(columns.worker), soci::use(columns.urgency), soci::use(columns.respond_by), soci::use(columns.due_time),
      soci::use(version), soci::use(version), soci::use(older.consult.name()), soci::use(version);
  return absl::OkStatus();
}

}  // namespace lumbar::gateway
