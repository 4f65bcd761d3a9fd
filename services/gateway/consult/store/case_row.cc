#include "services/gateway/consult/store/case_row.h"

#include <absl/strings/str_cat.h>

#include "common/status/macros.h"
#include "common/store/proto_column.h"
#include "common/time/proto_time.h"
#include "services/gateway/consult/domain/errors.h"

namespace lumbar::gateway {
namespace {

// 0 stands for never, so that an index has the others alone.
int64_t AlertMicros(const Case& stored) {
  return stored.alert_time == absl::InfiniteFuture() ? 0 : store::Micros(stored.alert_time);
}

}  // namespace

absl::StatusOr<Case> ReadCase(const soci::row& row) {
  Case read;
  read.version = row.get<long long>(0);
  read.lease_end = store::FromMicros(row.get<long long>(1));
  read.signed_assessment = row.get<std::string>(2);
  read.hold_request_id = row.get<std::string>(3);
  read.confirm_request_id = row.get<std::string>(4);
  LUMBAR_ASSIGN_OR_RETURN(read.consult, store::FromColumn<consult::v1::Consult>(row.get<std::string>(5)));
  if (const int64_t alert = row.get<long long>(6); alert > 0) read.alert_time = store::FromMicros(alert);
  read.alerts = static_cast<int>(row.get<long long>(7));
  read.alert_request_id = row.get<std::string>(8);
  return read;
}

absl::StatusOr<Case> LoadCase(soci::session& session, const std::string& name) {
  soci::row row;
  session << "SELECT " << kCaseColumns << " FROM consult WHERE name = :name", soci::use(name), soci::into(row);
  if (!session.got_data()) return ConsultNotFound();
  return ReadCase(row);
}

absl::Status InsertCase(soci::session& session, const Case& inserted) {
  const auto& consult = inserted.consult;
  LUMBAR_ASSIGN_OR_RETURN(const std::string message, store::ToColumn(consult));
  const int64_t state = consult.state(), created = store::Micros(FromProto(consult.create_time()));
  const int64_t lease_end = store::Micros(inserted.lease_end), version = inserted.version;
  const int64_t alert_time = AlertMicros(inserted), alerts = inserted.alerts;
  session << "INSERT INTO consult (name, patient, state, version, create_time, lease_end, signed_assessment, "
             "hold_request_id, confirm_request_id, message, alert_time, alerts, alert_request_id) VALUES (:name, "
             ":patient, :state, :version, :created, :lease_end, :assessment, :hold, :confirm, :message, :alert_time, "
             ":alerts, :alert_key)",
      soci::use(consult.name()), soci::use(consult.patient()), soci::use(state), soci::use(version), soci::use(created),
      soci::use(lease_end), soci::use(inserted.signed_assessment), soci::use(inserted.hold_request_id),
      soci::use(inserted.confirm_request_id), soci::use(message), soci::use(alert_time), soci::use(alerts),
      soci::use(inserted.alert_request_id);
  return absl::OkStatus();
}

absl::Status UpdateCase(soci::session& session, Case& changed) {
  LUMBAR_ASSIGN_OR_RETURN(const std::string message, store::ToColumn(changed.consult));
  const int64_t state = changed.consult.state(), lease_end = store::Micros(changed.lease_end);
  const int64_t before = changed.version, after = before + 1;
  const int64_t alert_time = AlertMicros(changed), alerts = changed.alerts;
  soci::statement update =
      (session.prepare << "UPDATE consult SET state = :state, version = :after, lease_end = :lease_end, "
                          "signed_assessment = :assessment, hold_request_id = :hold, confirm_request_id = :confirm, "
                          "message = :message, alert_time = :alert_time, alerts = :alerts, alert_request_id = "
                          ":alert_key WHERE name = :name AND version = :before",
       soci::use(state), soci::use(after), soci::use(lease_end), soci::use(changed.signed_assessment),
       soci::use(changed.hold_request_id), soci::use(changed.confirm_request_id), soci::use(message),
       soci::use(alert_time), soci::use(alerts), soci::use(changed.alert_request_id), soci::use(changed.consult.name()),
       soci::use(before));
  update.execute(true);
  if (update.get_affected_rows() != 1) return ChangedMeanwhile();
  changed.version = after;
  return absl::OkStatus();
}

}  // namespace lumbar::gateway
