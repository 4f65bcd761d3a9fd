// The waitlist in SQL, as the matcher uses it.
#pragma once

#include "common/store/database.h"
#include "common/time/clock.h"
#include "services/booking/domain/waitlist_store.h"

namespace lumbar::booking {

// Thread safe.
class SqlWaitlistQueue final : public WaitlistQueue {
 public:
  // Both must outlive it; `database` is migrated.
  SqlWaitlistQueue(store::Database& database, const Clock& clock) : database_(database), clock_(clock) {}

  absl::StatusOr<bool> AnyLive() override;
  absl::StatusOr<int> SettleDue(int limit) override;
  absl::StatusOr<std::vector<FreedTime>> Freed(int limit) override;
  absl::Status Handled(const FreedTime& freed) override;
  absl::StatusOr<Expired> ExpiredSince(absl::Time since, int limit) override;
  absl::StatusOr<std::optional<absl::Time>> LatestWanted(absl::string_view visit_type) override;
  absl::StatusOr<std::vector<v1::WaitlistEntry>> InTurn(const TurnQuery& query) override;
  absl::Status MakeOffer(const v1::WaitlistEntry& entry, const NewHold& wanted) override;
  absl::StatusOr<std::vector<v1::WaitlistEntry>> ClaimLooks(absl::Time before, int limit) override;

 private:
  store::Database& database_;
  const Clock& clock_;
};

}  // namespace lumbar::booking
