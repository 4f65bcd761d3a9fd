// The table of the waitlist, within a transaction that the caller opened.
#pragma once

#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>
#include <absl/time/time.h>
#include <soci/soci.h>

#include <string>
#include <vector>

#include "services/booking/domain/waitlist_store.h"

namespace lumbar::booking {

// How long a place that is over stays to be read.
inline constexpr absl::Duration kPlacesKept = absl::Hours(24 * 30);

// NOT_FOUND/WAITLIST_ENTRY_NOT_FOUND.
absl::StatusOr<v1::WaitlistEntry> ReadEntry(soci::session& session, absl::string_view name);
// ALREADY_EXISTS/ALREADY_WAITING.
absl::Status InsertEntry(soci::session& session, const v1::WaitlistEntry& entry);
// Saves `after` over `before`; nothing happens if they have the same version. Somebody who just began to wait, again or
// still, is looked after soon. ABORTED/STORE_CONFLICT: somebody changed it meanwhile; run the transaction again.
// ALREADY_EXISTS/DUPLICATE_KEY: the patient has another offer.
absl::Status SaveEntry(soci::session& session, const v1::WaitlistEntry& before, const v1::WaitlistEntry& after);

absl::StatusOr<std::vector<v1::WaitlistEntry>> SelectEntries(soci::session& session, const WaitlistQuery& query);
// The patient's live places, as they are written.
absl::StatusOr<std::vector<v1::WaitlistEntry>> SelectLive(soci::session& session, const std::string& patient);
// For the matcher: these leave out what can't be read, so that one damaged entry doesn't stop everybody else's.
absl::StatusOr<std::vector<v1::WaitlistEntry>> SelectDue(soci::session& session, absl::Time now, int limit);
absl::StatusOr<std::vector<v1::WaitlistEntry>> SelectInTurn(soci::session& session, const TurnQuery& query);
absl::StatusOr<std::vector<v1::WaitlistEntry>> ClaimEntries(soci::session& session, absl::Time before, absl::Time now,
                                                            int limit);

}  // namespace lumbar::booking
