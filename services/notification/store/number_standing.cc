#include "services/notification/store/number_standing.h"

#include <utility>
#include <vector>

#include "common/status/macros.h"
#include "common/store/proto_column.h"
#include "services/notification/store/opt_out_table.h"

namespace lumbar::notification {
namespace {

using soci::into;
using soci::use;

int64_t HourOf(absl::Time now) {
  return store::Micros(absl::UnixEpoch() + absl::Floor(now - absl::UnixEpoch(), absl::Hours(1)));
}

// The number's row is this transaction's until it ends.
int64_t CountHour(soci::session& session, const std::string& number, absl::Time now) {
  const int64_t hour = HourOf(now);
  int64_t answered = 0;
  session << "INSERT INTO texter (number, hour, answered) VALUES (:number, :hour, 0) "
             "ON CONFLICT (number) DO UPDATE SET hour = excluded.hour, "
             "answered = CASE WHEN texter.hour = excluded.hour THEN texter.answered ELSE 0 END RETURNING answered",
      into(answered), use(number, "number"), use(hour, "hour");
  return answered;
}

// The patients who had the number at some visit: two are as good as many.
std::vector<std::string> PatientsWith(soci::session& session, const std::string& number) {
  std::string patient;
  std::vector<std::string> patients;
  soci::statement select = (session.prepare << "SELECT DISTINCT patient FROM appointment "
                                               "WHERE phone_number = :number AND phone_number <> '' LIMIT 2",
                            into(patient), use(number, "number"));
  select.execute();
  while (select.fetch()) patients.push_back(patient);
  return patients;
}

absl::Status AddPatient(soci::session& session, const std::string& number, NumberStanding& standing) {
  const std::vector<std::string> patients = PatientsWith(session, number);
  if (patients.size() != 1 || patients.front().empty()) return absl::OkStatus();
  LUMBAR_ASSIGN_OR_RETURN(const LatestVisit latest, ReadLatestVisit(session, patients.front()));
  // Another number by now: this one may be somebody else's.
  if (latest.phone_number != number) return absl::OkStatus();
  standing.patient = patients.front();
  standing.language_code = latest.visit.contact().language_code();
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<KnownNumber> ReadStanding(soci::session& session, const std::string& number, absl::Time now, Lock lock) {
  KnownNumber known;
  known.standing.answered = CountHour(session, number, now);
  known.standing.opted_out = HasOptedOut(session, number);
  LUMBAR_RETURN_IF_ERROR(AddPatient(session, number, known.standing));
  LUMBAR_ASSIGN_OR_RETURN(known.row, FindConversation(session, number, lock));
  if (known.row) known.standing.conversation = known.row->conversation;
  return known;
}

void CountAnswer(soci::session& session, const std::string& number) {
  session << "UPDATE texter SET answered = answered + 1 WHERE number = :number", use(number, "number");
}

int SweepTexters(soci::session& session, absl::Time now, int limit) {
  const int64_t hour = HourOf(now), rows = limit;
  soci::statement sweep =
      (session.prepare << "DELETE FROM texter WHERE hour < :hour AND number IN "
                          "(SELECT number FROM texter WHERE hour < :hour ORDER BY hour LIMIT :rows)",
       use(hour, "hour"), use(rows, "rows"));
  sweep.execute(true);
  return static_cast<int>(sweep.get_affected_rows());
}

}  // namespace lumbar::notification
