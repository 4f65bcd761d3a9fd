#include "tests/chaos/final_state.h"

#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>

#include <optional>

#include "common/status/macros.h"
#include "common/store/database.h"
#include "common/store/proto_column.h"
#include "lumbar/booking/v1/booking_service.pb.h"
#include "tests/chaos/describe.h"

namespace lumbar::chaos {
namespace {

namespace v1 = booking::v1;
using soci::into;

constexpr char kService[] = "/lumbar.booking.v1.BookingService/";

template <typename Message>
absl::Status RecordBodies(soci::session& session, const char* sql, nlohmann::json (*line)(const Visit&),
                          Recorder& recorder) {
  std::string body;
  soci::statement rows = (session.prepare << sql, into(body));
  rows.execute();
  while (rows.fetch()) {
    LUMBAR_ASSIGN_OR_RETURN(const Message message, store::FromColumn<Message>(body));
    recorder.Write(line(Describe(message)));
  }
  return absl::OkStatus();
}

void RecordTicks(soci::session& session, Recorder& recorder) {
  TickRow row;
  soci::statement rows =
      (session.prepare << "SELECT clinician, tick, owner, COALESCE(expire_time, CAST(0 AS BIGINT)) FROM tick",
       into(row.clinician), into(row.tick), into(row.owner), into(row.expire));
  rows.execute();
  while (rows.fetch()) recorder.Write(LineOf(row));
}

template <typename Response>
absl::StatusOr<Visit> HoldIn(const std::string& text) {
  LUMBAR_ASSIGN_OR_RETURN(const Response response, store::FromColumn<Response>(text));
  return Describe(response.hold());
}

absl::StatusOr<Visit> VisitIn(const std::string& method, const std::string& text) {
  if (method == "CreateHold") return HoldIn<v1::CreateHoldResponse>(text);
  if (method == "ReleaseHold") return HoldIn<v1::ReleaseHoldResponse>(text);
  LUMBAR_ASSIGN_OR_RETURN(const auto response, store::FromColumn<v1::GetAppointmentResponse>(text));
  return Describe(response.appointment());
}

absl::Status RecordKeys(soci::session& session, Recorder& recorder) {
  KeyRow row;
  std::string path, text;
  soci::statement rows =
      (session.prepare << "SELECT caller, method, request_id, create_time, response FROM idempotency", into(row.caller),
       into(path), into(row.key), into(row.created), into(text));
  rows.execute();
  while (rows.fetch()) {
    if (!absl::StartsWith(path, kService)) continue;
    row.method = path.substr(sizeof kService - 1);
    LUMBAR_ASSIGN_OR_RETURN(row.visit, VisitIn(row.method, text));
    recorder.Write(LineOf(row));
  }
  return absl::OkStatus();
}

absl::Status RecordOutbox(soci::session& session, Recorder& recorder) {
  OutboxRow row;
  std::string text;
  soci::statement rows =
      (session.prepare << "SELECT event_id, given_up, body FROM outbox", into(row.id), into(row.given_up), into(text));
  rows.execute();
  while (rows.fetch()) {
    LUMBAR_ASSIGN_OR_RETURN(const auto event, store::FromColumn<v1::AppointmentEvent>(text));
    row.visit = Describe(event.appointment());
    recorder.Write(LineOf(row));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status RecordTables(const std::string& url, Recorder& recorder) {
  LUMBAR_ASSIGN_OR_RETURN(const auto database, store::Database::Open({.url = url}));
  return database->Read([&](soci::session& session) -> absl::Status {
    LUMBAR_RETURN_IF_ERROR(RecordBodies<v1::Hold>(session, "SELECT body FROM hold", HoldLine, recorder));
    LUMBAR_RETURN_IF_ERROR(
        RecordBodies<v1::Appointment>(session, "SELECT body FROM appointment", AppointmentLine, recorder));
    RecordTicks(session, recorder);
    LUMBAR_RETURN_IF_ERROR(RecordKeys(session, recorder));
    LUMBAR_RETURN_IF_ERROR(RecordOutbox(session, recorder));
    recorder.Write(FinalLine(NowMicros()));
    return absl::OkStatus();
  });
}

absl::Status RecordAudit(const std::vector<std::string>& files, Recorder& recorder) {
  for (const std::string& path : files) {
    std::ifstream file(path);
    std::string text;
    for (int64_t number = 1; std::getline(file, text); ++number) {
      const nlohmann::json line = nlohmann::json::parse(text, nullptr, false);
      if (!line.is_object()) return absl::DataLossError(absl::StrCat(path, ":", number, " isn't an audit line"));
      const std::string method = line.value("method", "");
      if (!absl::StartsWith(method, kService)) continue;
      recorder.Write(
          LineOf(AuditLine{line.value("event", ""), method, line.value("subject", ""), line.value("code", ""),
                           line.value("reason", ""), line.value("resource", ""), line.value("trace_id", "")}));
    }
  }
  return absl::OkStatus();
}

}  // namespace lumbar::chaos
