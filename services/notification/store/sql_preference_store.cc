#include "services/notification/store/sql_preference_store.h"

#include "common/status/macros.h"
#include "common/store/idempotency.h"
#include "common/store/proto_column.h"
#include "services/notification/domain/phone_number.h"
#include "services/notification/store/opt_out_table.h"

namespace lumbar::notification {
namespace {

using soci::into;
using soci::use;

absl::StatusOr<v1::Preferences> ReadPreferences(soci::session& session, const std::string& patient) {
  std::string body;
  session << "SELECT body FROM preference WHERE patient = :patient", into(body), use(patient, "patient");
  if (!session.got_data()) return v1::Preferences();
  return store::FromColumn<v1::Preferences>(body);
}

}  // namespace

absl::StatusOr<v1::Preferences> SqlPreferenceStore::Get(const std::string& patient) {
  return database_.ReadOne([&](soci::session& session) { return ReadPreferences(session, patient); });
}

absl::StatusOr<v1::Preferences> SqlPreferenceStore::Update(const store::Mutation& mutation, const std::string& patient,
                                                           const v1::Preferences& preferences) {
  LUMBAR_ASSIGN_OR_RETURN(const std::string body, store::ToColumn(preferences));
  const auto act = [&](soci::session& session) -> absl::StatusOr<v1::Preferences> {
    session << "INSERT INTO preference (patient, body) VALUES (:patient, :body) "
               "ON CONFLICT (patient) DO UPDATE SET body = excluded.body",
        use(patient, "patient"), use(body, "body");
    return preferences;
  };
  return store::Once<v1::Preferences>(database_, mutation, clock_, act);
}

absl::StatusOr<Wishes> SqlPreferenceStore::WishesOf(const std::string& patient, const std::string& number) {
  return database_.Read([&](soci::session& session) -> absl::StatusOr<Wishes> {
    Wishes wishes;
    if (!patient.empty()) {
      LUMBAR_ASSIGN_OR_RETURN(wishes.preferences, ReadPreferences(session, patient));
    }
    // As STOP is kept, whatever form booking knows the number in.
    const std::string normal = InE164(number);
    wishes.number_opted_out = !number.empty() && HasOptedOut(session, normal.empty() ? number : normal);
    return wishes;
  });
}

}  // namespace lumbar::notification
