// The table of holds, within a transaction that the caller opened.
#pragma once

#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>
#include <soci/soci.h>

#include <string>

#include "services/booking/domain/appointment_store.h"

namespace lumbar::booking {

struct HoldRow {
  v1::Hold hold;
  TickRange ticks;
  // For whom it was put on offer; empty of any other hold.
  std::string waitlist_entry;
};

// Takes the time of `wanted`, under a new name. As AppointmentStore::CreateHold.
absl::StatusOr<v1::Hold> TakeHold(soci::session& session, const NewHold& wanted, absl::Time now);

// Waits for every transaction that took this patient's turn and hasn't ended: what a later statement of this one counts
// of the patient's holds or places, nobody adds to until it ends. `new_holds`: how many holds it is about to add.
void TakeTurn(soci::session& session, const std::string& patient, int64_t new_holds);

// NOT_FOUND/HOLD_NOT_FOUND.
absl::StatusOr<HoldRow> ReadHold(soci::session& session, absl::string_view name);
// Takes the patient's turn first: of one patient's holds, each transaction sees all that others made before.
// RESOURCE_EXHAUSTED/TOO_MANY_HOLDS: `wanted.live_limit` are live at `now`, offers aside; the caller rolls back.
absl::Status InsertHold(soci::session& session, const HoldRow& row, const NewHold& wanted, absl::Time now);
// Saves `after`, provided that the row is still active; from then on nobody else changes it until the transaction ends.
// ABORTED/STORE_CONFLICT: somebody changed it meanwhile; the transaction runs again.
absl::Status EndHold(soci::session& session, const v1::Hold& after);
// Makes the hold, which must be active and own its time at `now`, last until `expire_time`.
// FAILED_PRECONDITION/HOLD_EXPIRED; ABORTED/STORE_CONFLICT as EndHold. The caller rolls back.
absl::Status ProlongHold(soci::session& session, HoldRow& row, absl::Time expire_time);

}  // namespace lumbar::booking
