// A case as a row, and back.
#pragma once

#include <absl/status/statusor.h>
#include <soci/soci.h>

#include <string>

#include "services/gateway/consult/domain/consult_store.h"

namespace lumbar::gateway {

// The columns that ReadCase expects, in order.
inline constexpr char kCaseColumns[] =
    "version, lease_end, signed_assessment, hold_request_id, confirm_request_id, message, alert_time, alerts, "
    "alert_request_id";

absl::StatusOr<Case> ReadCase(const soci::row& row);

// NOT_FOUND/CONSULT_NOT_FOUND.
absl::StatusOr<Case> LoadCase(soci::session& session, const std::string& name);

absl::Status InsertCase(soci::session& session, const Case& inserted);

// Stores `changed` over its own version and counts it up. ABORTED/CHANGED_MEANWHILE.
absl::Status UpdateCase(soci::session& session, Case& changed);

}  // namespace lumbar::gateway
