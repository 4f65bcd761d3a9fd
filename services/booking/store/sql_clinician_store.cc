#include "services/booking/store/sql_clinician_store.h"

#include <absl/strings/str_cat.h>

#include "common/status/macros.h"
#include "common/store/idempotency.h"
#include "common/store/proto_column.h"
#include "services/booking/errors.h"
#include "services/booking/store/freed_time_table.h"

namespace lumbar::booking {
namespace {

using soci::into;
using soci::use;

std::string EtagOf(int64_t revision) { return absl::StrCat("v", revision); }

absl::StatusOr<v1::CreateClinicianResponse> Insert(soci::session& session, v1::Clinician clinician) {
  clinician.set_etag(EtagOf(1));
  LUMBAR_ASSIGN_OR_RETURN(const std::string body, store::ToColumn(clinician));
  const std::string name = clinician.name();
  soci::statement insert = (session.prepare << "INSERT INTO clinician (name, revision, body) VALUES (:name, 1, :body) "
                                               "ON CONFLICT (name) DO NOTHING",
                            use(name), use(body));
  insert.execute(true);
  if (insert.get_affected_rows() != 1) return ClinicianExists();
  NoteFreed(session, name);
  v1::CreateClinicianResponse response;
  *response.mutable_clinician() = std::move(clinician);
  return response;
}

absl::StatusOr<v1::UpdateClinicianResponse> Replace(soci::session& session, v1::Clinician clinician) {
  const std::string name = clinician.name();
  int64_t revision = 0;
  session << "SELECT revision FROM clinician WHERE name = :name", into(revision), use(name);
  if (!session.got_data()) return ClinicianNotFound();
  if (!clinician.etag().empty() && clinician.etag() != EtagOf(revision)) return EtagMismatch();

  clinician.set_etag(EtagOf(revision + 1));
  LUMBAR_ASSIGN_OR_RETURN(const std::string body, store::ToColumn(clinician));
  soci::statement replace = (session.prepare << "UPDATE clinician SET revision = revision + 1, body = :body "
                                                "WHERE name = :name AND revision = :revision",
                             use(body), use(name), use(revision));
  replace.execute(true);
  if (replace.get_affected_rows() != 1) return EtagMismatch();
  NoteFreed(session, name);
  v1::UpdateClinicianResponse response;
  *response.mutable_clinician() = std::move(clinician);
  return response;
}

}  // namespace

absl::StatusOr<v1::CreateClinicianResponse> SqlClinicianStore::Create(const store::Mutation& mutation,
                                                                      const absl::StatusOr<v1::Clinician>& wanted) {
  return store::Once<v1::CreateClinicianResponse>(
      database_, mutation, clock_, [&](soci::session& session) -> absl::StatusOr<v1::CreateClinicianResponse> {
        LUMBAR_RETURN_IF_ERROR(wanted.status());
        return Insert(session, *wanted);
      });
}

absl::StatusOr<v1::UpdateClinicianResponse> SqlClinicianStore::Update(const store::Mutation& mutation,
                                                                      const absl::StatusOr<v1::Clinician>& wanted) {
  return store::Once<v1::UpdateClinicianResponse>(
      database_, mutation, clock_, [&](soci::session& session) -> absl::StatusOr<v1::UpdateClinicianResponse> {
        LUMBAR_RETURN_IF_ERROR(wanted.status());
        return Replace(session, *wanted);
      });
}

absl::StatusOr<v1::Clinician> SqlClinicianStore::Get(absl::string_view name) {
  const std::string key(name);
  using Found = absl::StatusOr<std::shared_ptr<const Kept>>;
  const auto kept = database_.ReadOne([&](soci::session& session) -> Found {
    int64_t revision = 0;
    session << "SELECT revision FROM clinician WHERE name = :name", into(revision), use(key);
    if (!session.got_data()) return ClinicianNotFound();
    return Find(key, revision);
  });
  LUMBAR_RETURN_IF_ERROR(kept.status());
  if (*kept != nullptr) return (*kept)->clinician;
  LUMBAR_ASSIGN_OR_RETURN(const auto found, database_.ReadOne([&](soci::session& session) -> Found {
    int64_t revision = 0;
    std::string body;
    session << "SELECT revision, body FROM clinician WHERE name = :name", into(revision), into(body), use(key);
    if (!session.got_data()) return ClinicianNotFound();
    LUMBAR_ASSIGN_OR_RETURN(auto clinician, store::FromColumn<v1::Clinician>(body));
    return std::make_shared<const Kept>(Kept{revision, std::move(clinician)});
  }));
  Keep(key, found);
  return found->clinician;
}

std::shared_ptr<const SqlClinicianStore::Kept> SqlClinicianStore::Find(const std::string& name, int64_t revision) {
  MutexLock lock(mutex_);
  const auto found = kept_.find(name);
  return found != kept_.end() && found->second->revision == revision ? found->second : nullptr;
}

void SqlClinicianStore::Keep(const std::string& name, std::shared_ptr<const Kept> kept) {
  MutexLock lock(mutex_);
  if (kept_.size() < kMostKept || kept_.contains(name)) kept_[name] = std::move(kept);
}

absl::StatusOr<std::vector<v1::Clinician>> SqlClinicianStore::List(absl::string_view after, int limit) {
  const std::string key(after);
  return database_.ReadOne([&](soci::session& session) -> absl::StatusOr<std::vector<v1::Clinician>> {
    std::vector<v1::Clinician> found;
    std::string body;
    soci::statement list =
        (session.prepare << "SELECT body FROM clinician WHERE name > :after ORDER BY name LIMIT :rows", into(body),
         use(key), use(limit));
    list.execute();
    while (list.fetch()) {
      LUMBAR_ASSIGN_OR_RETURN(v1::Clinician clinician, store::FromColumn<v1::Clinician>(body));
      found.push_back(std::move(clinician));
    }
    return found;
  });
}

// Every addition and every change adds one to the sum, and nobody is deleted.
absl::StatusOr<int64_t> SqlClinicianStore::Revision() {
  return database_.ReadOne([](soci::session& session) -> absl::StatusOr<int64_t> {
    int64_t sum = 0;
    session << "SELECT CAST(COALESCE(SUM(revision), 0) AS BIGINT) FROM clinician", into(sum);
    return sum;
  });
}

absl::StatusOr<std::vector<ClinicianVersion>> SqlClinicianStore::Versions() {
  return database_.ReadOne([](soci::session& session) -> absl::StatusOr<std::vector<ClinicianVersion>> {
    std::vector<ClinicianVersion> found;
    std::string name;
    int64_t revision = 0;
    soci::statement list = (session.prepare << "SELECT name, revision FROM clinician", into(name), into(revision));
    list.execute();
    while (list.fetch()) found.push_back({name, EtagOf(revision)});
    return found;
  });
}

}  // namespace lumbar::booking
