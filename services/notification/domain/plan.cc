#include "services/notification/domain/plan.h"

#include "common/time/proto_time.h"

namespace lumbar::notification {
namespace {

std::vector<PlannedMessage> AroundVisit(absl::Time start, absl::Time now) {
  if (start <= now) return {};
  std::vector<PlannedMessage> messages = {{v1::MESSAGE_KIND_CONFIRMATION, now}};
  const auto remind = [&](v1::MessageKind kind, absl::Duration before) {
    if (start - before > now) messages.push_back({kind, start - before});
  };
  remind(v1::MESSAGE_KIND_REMINDER_24H, absl::Hours(24));
  remind(v1::MESSAGE_KIND_REMINDER_1H, absl::Hours(1));
  return messages;
}

}  // namespace

Plan PlanFor(const booking::v1::Appointment& appointment, absl::Time now) {
  switch (appointment.state()) {
    case booking::v1::APPOINTMENT_STATE_BOOKED:
      return {kSuperseded, AroundVisit(FromProto(appointment.slot().start_time()), now)};
    case booking::v1::APPOINTMENT_STATE_CANCELLED:
      return {kAppointmentCancelled, {{v1::MESSAGE_KIND_CANCELLATION, now}}};
    default:
      return {kSuperseded, {}};
  }
}

absl::string_view WhyTooLate(v1::MessageKind kind, absl::Time start, absl::Time now) {
  const bool about_what_comes = kind != v1::MESSAGE_KIND_CANCELLATION;
  return about_what_comes && start <= now ? kVisitBegun : absl::string_view();
}

}  // namespace lumbar::notification
