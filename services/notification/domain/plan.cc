#include "services/notification/domain/plan.h"

#include <absl/strings/match.h>

#include <algorithm>
#include <utility>

#include "common/time/proto_time.h"

namespace lumbar::notification {
namespace {

// A clinician of whom nothing is known is told nothing.
void TellClinician(v1::MessageKind kind, const std::string& clinician, absl::Time now,
                   std::vector<PlannedMessage>& messages) {
  if (!clinician.empty()) messages.push_back({kind, now, clinician});
}

std::vector<PlannedMessage> AroundVisit(const booking::v1::Slot& slot, absl::Time now) {
  const absl::Time start = FromProto(slot.start_time());
  if (start <= now) return {};
  std::vector<PlannedMessage> messages = {{v1::MESSAGE_KIND_CONFIRMATION, now}};
  TellClinician(v1::MESSAGE_KIND_CLINICIAN_BOOKING, slot.clinician(), now, messages);
  const auto remind = [&](v1::MessageKind kind, absl::Duration before) {
    if (start - before > now) messages.push_back({kind, start - before});
  };
  remind(v1::MESSAGE_KIND_REMINDER_24H, absl::Hours(24));
  remind(v1::MESSAGE_KIND_REMINDER_1H, absl::Hours(1));
  return messages;
}

std::vector<PlannedMessage> AfterCancellation(const booking::v1::Slot& slot, absl::Time now) {
  std::vector<PlannedMessage> messages = {{v1::MESSAGE_KIND_CANCELLATION, now}};
  TellClinician(v1::MESSAGE_KIND_CLINICIAN_CANCELLATION, slot.clinician(), now, messages);
  return messages;
}

v1::MessageKind EventOf(const booking::v1::Appointment& appointment) {
  switch (appointment.state()) {
    case booking::v1::APPOINTMENT_STATE_CANCELLED:
      return v1::MESSAGE_KIND_EVENT_CANCELLED;
    case booking::v1::APPOINTMENT_STATE_CHECKED_IN:
      return v1::MESSAGE_KIND_EVENT_CHECKED_IN;
    case booking::v1::APPOINTMENT_STATE_IN_VISIT:
      return v1::MESSAGE_KIND_EVENT_STARTED;
    case booking::v1::APPOINTMENT_STATE_COMPLETED:
      return v1::MESSAGE_KIND_EVENT_COMPLETED;
    case booking::v1::APPOINTMENT_STATE_NO_SHOW:
      return v1::MESSAGE_KIND_EVENT_NO_SHOW;
    default:
      // Nothing but a move leaves a visit booked in a later version.
      return appointment.version() == 1 ? v1::MESSAGE_KIND_EVENT_BOOKED : v1::MESSAGE_KIND_EVENT_MOVED;
  }
}

}  // namespace

Plan PlanFor(const booking::v1::Appointment& appointment, absl::Time now) {
  switch (appointment.state()) {
    case booking::v1::APPOINTMENT_STATE_BOOKED:
      return {kSuperseded, AroundVisit(appointment.slot(), now)};
    case booking::v1::APPOINTMENT_STATE_CANCELLED:
      return {kAppointmentCancelled, AfterCancellation(appointment.slot(), now)};
    default:
      return {kSuperseded, {}, IsPatientThere(appointment.state())};
  }
}

PlannedMessage EventFor(const booking::v1::Appointment& appointment, absl::Time now) {
  return {EventOf(appointment), now, "", absl::InfiniteFuture(), v1::CHANNEL_WEBHOOK};
}

std::vector<PlannedMessage> WithFarewell(std::vector<PlannedMessage> messages, const std::string& former,
                                         const booking::v1::Appointment& appointment, absl::Time now) {
  // Of a time that was only on offer the clinician was never told.
  const bool on_offer = absl::StartsWith(appointment.name(), "waitlistEntries/");
  if (on_offer || former == appointment.slot().clinician()) return messages;
  // One message of a kind goes out for one version. Where both are due, the event between was never told, and the
  // present clinician never heard of the visit.
  if (!former.empty()) {
    messages.erase(std::remove_if(messages.begin(), messages.end(),
                                  [](const auto& m) { return m.kind == v1::MESSAGE_KIND_CLINICIAN_CANCELLATION; }),
                   messages.end());
  }
  TellClinician(v1::MESSAGE_KIND_CLINICIAN_CANCELLATION, former, now, messages);
  return messages;
}

bool IsForClinician(v1::MessageKind kind) {
  return kind == v1::MESSAGE_KIND_CLINICIAN_BOOKING || kind == v1::MESSAGE_KIND_CLINICIAN_CANCELLATION;
}

bool IsForStaff(v1::MessageKind kind) {
  return kind >= v1::MESSAGE_KIND_STAFF_ALERT && kind < v1::MESSAGE_KIND_EVENT_BOOKED;
}

bool IsForSystem(v1::MessageKind kind) {
  return kind >= v1::MESSAGE_KIND_EVENT_BOOKED && kind <= v1::MESSAGE_KIND_EVENT_NO_SHOW;
}

bool IsForPatient(v1::MessageKind kind) { return !IsForClinician(kind) && !IsForStaff(kind) && !IsForSystem(kind); }

bool IsOfConversation(v1::MessageKind kind) { return kind == v1::MESSAGE_KIND_REPLY || IsForStaff(kind); }

bool Confirms(v1::MessageKind kind) {
  return kind == v1::MESSAGE_KIND_CONFIRMATION || kind == v1::MESSAGE_KIND_CLINICIAN_BOOKING;
}

bool IsPatientThere(booking::v1::AppointmentState state) {
  return state == booking::v1::APPOINTMENT_STATE_CHECKED_IN || state == booking::v1::APPOINTMENT_STATE_IN_VISIT;
}

bool ChangesCalendar(v1::MessageKind kind) {
  return kind == v1::MESSAGE_KIND_CONFIRMATION || kind == v1::MESSAGE_KIND_CANCELLATION || IsForClinician(kind);
}

Plan PlanFor(const booking::v1::WaitlistEntry& entry, absl::Time now) {
  const absl::Time expires = FromProto(entry.offer().expire_time());
  const bool stands = entry.state() == booking::v1::WAITLIST_STATE_OFFERED && now < expires;
  if (!stands) return {kSuperseded, {}};
  return {kSuperseded, {{v1::MESSAGE_KIND_OFFER, now, "", expires}}};
}

booking::v1::Appointment VisitOnOffer(const booking::v1::WaitlistEntry& entry) {
  booking::v1::Appointment visit;
  visit.set_name(entry.name());
  visit.set_patient(entry.patient());
  visit.set_version(entry.version());
  *visit.mutable_contact() = entry.contact();
  *visit.mutable_slot() = entry.offer().slot();
  return visit;
}

absl::string_view WhyTooLate(const v1::Message& message, absl::Time start, absl::Time now) {
  if (message.has_expire_time() && FromProto(message.expire_time()) <= now) return kOfferExpired;
  const bool about_what_comes = message.kind() != v1::MESSAGE_KIND_CANCELLATION &&
                                message.kind() != v1::MESSAGE_KIND_CLINICIAN_CANCELLATION &&
                                !IsForSystem(message.kind());
  if (about_what_comes && start <= now) return kVisitBegun;
  const bool next_is_due = message.kind() == v1::MESSAGE_KIND_REMINDER_24H && start - kDayReminderEnds <= now;
  return next_is_due ? kNextReminderDue : absl::string_view();
}

absl::Duration UsefulFor(const v1::Message& message, absl::Time start, absl::Time now) {
  const absl::Time expires = message.has_expire_time() ? FromProto(message.expire_time()) : absl::InfiniteFuture();
  const absl::Time end = std::min(expires, start > now ? start : absl::InfiniteFuture());
  return end == absl::InfiniteFuture() ? absl::Hours(2) : std::max(end - now, absl::ZeroDuration());
}

}  // namespace lumbar::notification
