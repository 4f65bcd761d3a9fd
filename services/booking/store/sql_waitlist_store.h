// The waitlist in SQL, as patients use it.
#pragma once

#include "common/store/database.h"
#include "common/time/clock.h"
#include "services/booking/domain/waitlist_store.h"

namespace lumbar::booking {

// Thread safe.
class SqlWaitlistStore final : public WaitlistStore {
 public:
  // Both must outlive it; `database` is migrated.
  SqlWaitlistStore(store::Database& database, const Clock& clock) : database_(database), clock_(clock) {}

  absl::StatusOr<v1::JoinWaitlistResponse> Join(const store::Mutation& mutation,
                                                const absl::StatusOr<v1::WaitlistEntry>& wanted) override;
  absl::StatusOr<v1::WaitlistEntry> Get(absl::string_view name) override;
  absl::StatusOr<std::vector<v1::WaitlistEntry>> List(const WaitlistQuery& query) override;
  absl::StatusOr<v1::AcceptOfferResponse> Accept(const store::Mutation& mutation, absl::string_view name,
                                                 absl::string_view etag, absl::Duration lifetime) override;
  absl::StatusOr<v1::DeclineOfferResponse> Decline(const store::Mutation& mutation, absl::string_view name,
                                                   absl::string_view etag) override;
  absl::StatusOr<v1::LeaveWaitlistResponse> Leave(const store::Mutation& mutation, absl::string_view name,
                                                  absl::string_view etag) override;

 private:
  store::Database& database_;
  const Clock& clock_;
};

}  // namespace lumbar::booking
