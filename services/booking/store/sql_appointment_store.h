// Holds and appointments in SQL.
#pragma once

#include "common/store/database.h"
#include "common/time/clock.h"
#include "services/booking/domain/appointment_store.h"

namespace lumbar::booking {

// Thread safe.
class SqlAppointmentStore final : public AppointmentStore {
 public:
  // Both must outlive it; `database` is migrated.
  SqlAppointmentStore(store::Database& database, const Clock& clock) : database_(database), clock_(clock) {}

  absl::StatusOr<v1::CreateHoldResponse> CreateHold(const store::Mutation& mutation,
                                                    const absl::StatusOr<NewHold>& wanted) override;
  absl::StatusOr<v1::Hold> GetHold(absl::string_view name) override;
  absl::StatusOr<v1::ReleaseHoldResponse> ReleaseHold(const store::Mutation& mutation, absl::string_view name) override;
  absl::StatusOr<v1::ConfirmHoldResponse> ConfirmHold(const store::Mutation& mutation, absl::string_view name,
                                                      OwnerCheck may) override;
  absl::StatusOr<v1::Appointment> GetAppointment(absl::string_view name) override;
  absl::StatusOr<std::vector<v1::Appointment>> ListAppointments(const AppointmentQuery& query) override;
  absl::StatusOr<v1::Appointment> Change(const store::Mutation& mutation, absl::string_view name,
                                         AppointmentStep step) override;
  absl::StatusOr<TakenTicks> Taken(absl::string_view clinician, TickRange range) override;
  absl::StatusOr<int64_t> CountVisits(absl::string_view clinician, const Interval& day) override;
  absl::StatusOr<Workloads> WorkloadsIn(TickRange range, absl::Time booked_since) override;
  absl::StatusOr<std::vector<v1::Appointment>> ListPast(absl::string_view patient, absl::Time before,
                                                        int limit) override;

 private:
  store::Database& database_;
  const Clock& clock_;
};

}  // namespace lumbar::booking
