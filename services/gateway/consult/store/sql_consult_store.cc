#include "services/gateway/consult/store/sql_consult_store.h"

#include <absl/strings/str_cat.h>

#include "common/status/macros.h"
#include "common/store/idempotency.h"
#include "common/store/proto_column.h"
#include "common/time/proto_time.h"
#include "lumbar_consult_store_embedded.h"
#include "services/gateway/consult/domain/errors.h"
#include "services/gateway/consult/store/case_row.h"
#include "services/gateway/consult/store/consult_list.h"

namespace lumbar::gateway {
namespace {

using consult::v1::Consult;

// What is kept with a request_id: which consult it was about. The answer is that consult as it is now.
Consult Reference(const std::string& name) {
  Consult reference;
  reference.set_name(name);
  return reference;
}

// Nobody is given it until `lease_end`.
void PutOff(soci::session& session, const std::string& name, absl::Time lease_end) {
  const int64_t until = store::Micros(lease_end);
  session << "UPDATE consult SET lease_end = :until WHERE name = :name", soci::use(until), soci::use(name);
}

}  // namespace

store::Migrations ConsultMigrations() { return {"consult", sql::kEmbeddedFiles}; }

absl::StatusOr<Case> SqlConsultStore::Create(const store::Mutation& mutation, const Case& wanted) {
  LUMBAR_ASSIGN_OR_RETURN(
      const Consult kept,
      store::Once<Consult>(database_, mutation, clock_, [&](soci::session& session) -> absl::StatusOr<Consult> {
        LUMBAR_RETURN_IF_ERROR(InsertCase(session, wanted, clock_.Now()));
        return Reference(wanted.consult.name());
      }));
  return Find(kept.name());
}

absl::StatusOr<Case> SqlConsultStore::FindRequested(const store::Mutation& mutation) {
  // A body that fails leaves no trace, so asking is not taking.
  LUMBAR_ASSIGN_OR_RETURN(const Consult kept, store::Once<Consult>(database_, mutation, clock_,
                                                                   [](soci::session&) -> absl::StatusOr<Consult> {
                                                                     return ConsultNotFound();
                                                                   }));
  return Find(kept.name());
}

absl::StatusOr<Case> SqlConsultStore::Find(absl::string_view name) {
  return database_.ReadOne([&](soci::session& session) { return LoadCase(session, std::string(name)); });
}

absl::StatusOr<Case> SqlConsultStore::Change(const store::Mutation& mutation, absl::string_view name,
                                             absl::FunctionRef<absl::Status(Case&)> change) {
  LUMBAR_ASSIGN_OR_RETURN(
      const Consult kept,
      store::Once<Consult>(database_, mutation, clock_, [&](soci::session& session) -> absl::StatusOr<Consult> {
        LUMBAR_ASSIGN_OR_RETURN(Case changed, LoadCase(session, std::string(name)));
        LUMBAR_RETURN_IF_ERROR(change(changed));
        LUMBAR_RETURN_IF_ERROR(UpdateCase(session, changed, clock_.Now()));
        return Reference(changed.consult.name());
      }));
  return Find(kept.name());
}

absl::StatusOr<Case> SqlConsultStore::Save(Case changed) {
  LUMBAR_RETURN_IF_ERROR(
      database_.Write([&](soci::session& session) { return UpdateCase(session, changed, clock_.Now()); }));
  return changed;
}

absl::StatusOr<bool> SqlConsultStore::HasEmergency(absl::string_view patient, absl::Time since) {
  const std::string of_patient(patient);
  const int64_t from = store::Micros(since), emergency = consult::v1::CONSULT_STATE_EMERGENCY;
  return database_.ReadOne([&](soci::session& session) -> absl::StatusOr<bool> {
    std::string name;
    session << "SELECT name FROM consult WHERE patient = :patient AND create_time >= :since AND state = :emergency "
               "LIMIT 1",
        soci::use(of_patient), soci::use(from), soci::use(emergency), soci::into(name);
    return session.got_data();
  });
}

absl::StatusOr<consult::v1::ListConsultsResponse> SqlConsultStore::List(const ConsultQuery& query) {
  return ListConsults(database_, query, clock_.Now());
}

absl::StatusOr<int> SqlConsultStore::FillInOlder(int limit) {
  const int64_t most = limit;
  LUMBAR_ASSIGN_OR_RETURN(const bool any, database_.ReadOne([](soci::session& session) -> absl::StatusOr<bool> {
    std::string name;
    session << "SELECT name FROM consult WHERE listed_version <> version LIMIT 1", soci::into(name);
    return session.got_data();
  }));
  if (!any) return 0;
  return database_.Write([&](soci::session& session) -> absl::StatusOr<int> {
    const std::string sql =
        absl::StrCat("SELECT ", kCaseColumns, " FROM consult WHERE listed_version <> version LIMIT :most");
    std::vector<Case> older;
    soci::rowset<soci::row> rows = (session.prepare << sql, soci::use(most));
    for (const auto& row : rows) {
      if (std::optional<Case> read = ReadCaseOrLog(row)) older.push_back(*std::move(read));
    }
    for (const Case& one : older) LUMBAR_RETURN_IF_ERROR(FillIn(session, one, clock_.Now()));
    return static_cast<int>(older.size());
  });
}

absl::StatusOr<std::vector<Case>> SqlConsultStore::ClaimUnfinished(absl::Time now, absl::Time lease_end, int limit) {
  // Numbers of an enum: nothing of theirs can be SQL.
  const std::string waiting =
      absl::StrCat("(state IN (", consult::v1::CONSULT_STATE_TRIAGED, ", ", consult::v1::CONSULT_STATE_HELD, ", ",
                   consult::v1::CONSULT_STATE_DECLINED,
                   ") OR (alert_time > 0 AND alert_time <= :now)) AND lease_end <= :ended ORDER BY lease_end");
  return Claim(waiting, now, lease_end, limit);
}

absl::StatusOr<std::vector<Case>> SqlConsultStore::ClaimDue(absl::Time now, absl::Time lease_end, int limit) {
  return Claim("due_time > 0 AND due_time <= :now AND lease_end <= :ended ORDER BY due_time", now, lease_end, limit);
}

absl::StatusOr<std::vector<Case>> SqlConsultStore::Claim(const std::string& which, absl::Time now, absl::Time lease_end,
                                                         int limit) {
  const int64_t ended = store::Micros(now), most = limit;
  const std::string sql = absl::StrCat("SELECT ", kCaseColumns, " FROM consult WHERE ", which, " LIMIT :most");
  return database_.Write([&](soci::session& session) -> absl::StatusOr<std::vector<Case>> {
    std::vector<Case> claimed;
    std::vector<std::string> unreadable;
    soci::rowset<soci::row> rows = (session.prepare << sql, soci::use(ended), soci::use(ended), soci::use(most));
    for (const auto& row : rows) {
      if (std::optional<Case> found = ReadCaseOrLog(row)) {
        claimed.push_back(*std::move(found));
      } else {
        unreadable.push_back(NameOfCase(row));
      }
    }
    for (const std::string& name : unreadable) PutOff(session, name, lease_end);
    for (Case& taken : claimed) {
      taken.lease_end = lease_end;
      LUMBAR_RETURN_IF_ERROR(UpdateCase(session, taken, clock_.Now()));
    }
    return claimed;
  });
}

}  // namespace lumbar::gateway
