#include "services/booking/domain/outside_hours.h"

#include <utility>

#include "common/status/macros.h"
#include "common/time/proto_time.h"

namespace lumbar::booking {
namespace {

constexpr int kReadAtOnce = 200;
// As the contract of VisitType says: what began earlier is over.
constexpr absl::Duration kLongestVisit = absl::Hours(4);

bool IsToCome(const v1::Appointment& appointment, absl::Time now) {
  const bool expected =
      appointment.state() == v1::APPOINTMENT_STATE_BOOKED || appointment.state() == v1::APPOINTMENT_STATE_CHECKED_IN;
  return expected && FromProto(appointment.slot().end_time()) > now;
}

Interval VisitOf(const v1::Appointment& appointment) {
  return {FromProto(appointment.slot().start_time()), FromProto(appointment.slot().end_time())};
}

}  // namespace

absl::StatusOr<std::vector<v1::Appointment>> ListOutsideHours(AppointmentStore& appointments, const OfficeHours& hours,
                                                              AppointmentQuery query, absl::Time now) {
  const auto wanted = static_cast<size_t>(std::exchange(query.limit, kReadAtOnce));
  if (!query.after) query.after = AppointmentQuery::Position{now - kLongestVisit, ""};
  std::vector<v1::Appointment> outside;
  while (true) {
    LUMBAR_ASSIGN_OR_RETURN(std::vector<v1::Appointment> batch, appointments.ListAppointments(query));
    if (batch.empty()) return outside;
    query.after = AppointmentQuery::Position{FromProto(batch.back().slot().start_time()), batch.back().name()};
    for (v1::Appointment& appointment : batch) {
      if (!IsToCome(appointment, now) || hours.Cover(VisitOf(appointment))) continue;
      outside.push_back(std::move(appointment));
      if (outside.size() == wanted) return outside;
    }
  }
}

}  // namespace lumbar::booking
