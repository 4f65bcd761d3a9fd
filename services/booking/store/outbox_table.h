// The outbox: events written with the change they tell of, claimed with leases, deleted when delivered.
#pragma once

#include <absl/status/status.h>
#include <soci/soci.h>

#include "common/store/database.h"
#include "common/time/clock.h"
#include "services/booking/domain/outbox.h"

namespace lumbar::booking {

// An event at `now` with an id of its own; what it tells of is the caller's to put in.
v1::AppointmentEvent NewEvent(absl::Time now);
// Adds the event, due at once, in the caller's transaction.
absl::Status AddEvent(soci::session& session, const v1::AppointmentEvent& event);

// Thread safe.
class SqlOutbox final : public Outbox {
 public:
  // Both must outlive it; `database` is migrated.
  SqlOutbox(store::Database& database, const Clock& clock) : database_(database), clock_(clock) {}

  absl::StatusOr<std::vector<ClaimedEvent>> Claim(int limit, absl::Duration lease) override;
  absl::Status MarkDelivered(const ClaimedEvent& claimed) override;
  absl::Status Postpone(const ClaimedEvent& claimed, absl::Duration delay) override;
  absl::Status GiveUp(const ClaimedEvent& claimed, absl::string_view code) override;

 private:
  store::Database& database_;
  const Clock& clock_;
};

}  // namespace lumbar::booking
