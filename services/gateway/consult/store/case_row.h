// A case as a row, and back.
#pragma once

#include <absl/status/statusor.h>
#include <soci/soci.h>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include "services/gateway/consult/domain/consult_store.h"

namespace lumbar::gateway {

// The columns that ReadCase expects, in order.
inline constexpr char kCaseColumns[] =
    "version, lease_end, signed_assessment, hold_request_id, confirm_request_id, message, alert_time, alerts, "
    "alert_request_id, decline_request_id, change_version, name";

// In the column `urgency`: the consult is over; it has no time by which the patient must be seen.
inline constexpr int64_t kOver = std::numeric_limits<int64_t>::max(), kNotUrgent = kOver - 1;
// The columns that lists go by, in microseconds.
int64_t UrgencyOf(const consult::v1::Consult& consult);
int64_t RespondByOf(const consult::v1::Consult& consult);

absl::StatusOr<Case> ReadCase(const soci::row& row);
// The same for queues: nothing if it can't be read, which is logged, so that one damaged case doesn't stop everybody
// else's.
std::optional<Case> ReadCaseOrLog(const soci::row& row);
// Of a row that can't be read, too.
std::string NameOfCase(const soci::row& row);

// NOT_FOUND/CONSULT_NOT_FOUND.
absl::StatusOr<Case> LoadCase(soci::session& session, const std::string& name);

// These note what changes in lists, too.

absl::Status InsertCase(soci::session& session, const Case& inserted, absl::Time now);

// Stores `changed` over its own version and counts it up. ABORTED/CHANGED_MEANWHILE.
absl::Status UpdateCase(soci::session& session, Case& changed, absl::Time now);

// Fills in what lists go by where an older version of this program left it out, unless the case changed meanwhile.
absl::Status FillIn(soci::session& session, const Case& older, absl::Time now);

}  // namespace lumbar::gateway
