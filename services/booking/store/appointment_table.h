// The table of appointments, within a transaction that the caller opened.
#pragma once

#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>
#include <soci/soci.h>

#include <vector>

#include "services/booking/domain/appointment_store.h"

namespace lumbar::booking {

// NOT_FOUND/APPOINTMENT_NOT_FOUND.
absl::StatusOr<Booked> ReadAppointment(soci::session& session, absl::string_view name);
absl::Status InsertAppointment(soci::session& session, const Booked& row);
// Saves `after` over the version before it; from then on nobody else changes it until the transaction ends.
// ABORTED/STORE_CONFLICT: somebody changed it meanwhile; the transaction runs again.
absl::Status SaveAppointment(soci::session& session, const Booked& after);
absl::StatusOr<std::vector<v1::Appointment>> SelectAppointments(soci::session& session, const AppointmentQuery& query);
// Those of a patient that began before `before`, the latest first.
absl::StatusOr<std::vector<v1::Appointment>> SelectPast(soci::session& session, const std::string& patient,
                                                        absl::Time before, int limit);

}  // namespace lumbar::booking
