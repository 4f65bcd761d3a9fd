// Preferences and opt-outs in SQL.
#pragma once

#include "common/store/database.h"
#include "common/time/clock.h"
#include "services/notification/domain/preference_store.h"

namespace lumbar::notification {

// Thread safe.
class SqlPreferenceStore final : public PreferenceStore {
 public:
  // Both must outlive it; `database` is migrated.
  SqlPreferenceStore(store::Database& database, const Clock& clock) : database_(database), clock_(clock) {}

  absl::StatusOr<v1::Preferences> Get(const std::string& patient) override;
  absl::StatusOr<v1::Preferences> Update(const store::Mutation& mutation, const std::string& patient,
                                         const v1::Preferences& preferences) override;
  absl::StatusOr<Wishes> WishesOf(const std::string& patient, const std::string& number) override;

 private:
  store::Database& database_;
  const Clock& clock_;
};

}  // namespace lumbar::notification
