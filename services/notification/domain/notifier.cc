#include "services/notification/domain/notifier.h"

#include <re2/re2.h>

#include <string>
#include <utility>

#include "common/status/errors.h"
#include "common/status/macros.h"
#include "common/time/proto_time.h"
#include "services/notification/domain/message_pages.h"
#include "services/notification/domain/plan.h"

namespace lumbar::notification {
namespace {

// As in the contracts' requests.
constexpr char kAppointmentName[] = "appointments/[0-9a-f-]{36}";

// An appointment is booking's answer elsewhere, so its own fields carry no rules in the contract.
absl::Status CheckAppointment(const booking::v1::Appointment& appointment) {
  if (!RE2::FullMatch(appointment.name(), kAppointmentName)) {
    return InvalidField("event.appointment.name", "must be a resource name, appointments/<uuid>");
  }
  if (appointment.version() < 1) return InvalidField("event.appointment.version", "must be 1 or more");
  if (appointment.state() == booking::v1::APPOINTMENT_STATE_UNSPECIFIED) {
    return InvalidField("event.appointment.state", "must be set");
  }
  if (!appointment.has_contact()) return InvalidField("event.appointment.contact", "must be set");
  const booking::v1::Slot& slot = appointment.slot();
  if (!slot.has_start_time() || FromProto(slot.end_time()) <= FromProto(slot.start_time())) {
    return InvalidField("event.appointment.slot", "must begin before it ends");
  }
  return absl::OkStatus();
}

constexpr char kEntryName[] = "waitlistEntries/[0-9a-f-]{36}";

absl::Status CheckEntry(const booking::v1::WaitlistEntry& entry) {
  if (!RE2::FullMatch(entry.name(), kEntryName)) {
    return InvalidField("event.waitlist_entry.name", "must be a resource name, waitlistEntries/<uuid>");
  }
  if (entry.version() < 1) return InvalidField("event.waitlist_entry.version", "must be 1 or more");
  if (!entry.has_contact()) return InvalidField("event.waitlist_entry.contact", "must be set");
  const booking::v1::Slot& slot = entry.offer().slot();
  if (!slot.has_start_time() || FromProto(slot.end_time()) <= FromProto(slot.start_time())) {
    return InvalidField("event.waitlist_entry.offer.slot", "must begin before it ends");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<v1::RecordAppointmentEventResponse> Notifier::RecordAppointmentEvent(
    const rpc::CallContext& context, const v1::RecordAppointmentEventRequest& request) {
  if (request.event().event_id() != request.request_id()) {
    return InvalidField("event.event_id", "must be the request_id");
  }
  const booking::v1::AppointmentEvent& event = request.event();
  if (event.has_appointment() == event.has_waitlist_entry()) {
    return InvalidField("event.appointment", "must be set, or event.waitlist_entry, and not both");
  }
  if (event.has_waitlist_entry()) {
    LUMBAR_RETURN_IF_ERROR(CheckEntry(event.waitlist_entry()));
    return Record(context, VisitOnOffer(event.waitlist_entry()), PlanFor(event.waitlist_entry(), clock_.Now()));
  }
  LUMBAR_RETURN_IF_ERROR(CheckAppointment(event.appointment()));
  const absl::Time now = clock_.Now();
  Plan plan = PlanFor(event.appointment(), now);
  if (tells_system_) plan.messages.push_back(EventFor(event.appointment(), now));
  return Record(context, event.appointment(), plan);
}

absl::StatusOr<v1::RecordAppointmentEventResponse> Notifier::Record(const rpc::CallContext& context,
                                                                    const booking::v1::Appointment& about,
                                                                    const Plan& plan) {
  LUMBAR_ASSIGN_OR_RETURN(const Wishes wishes, wishes_.WishesOf(about.patient(), about.contact().phone_number()));
  // Kept in these words, so that each try of a message says the same.
  const booking::v1::Appointment told = InReadersWords(about, wishes.preferences);
  LUMBAR_ASSIGN_OR_RETURN(Recorded recorded,
                          messages_.Record(context.mutation(), told, ForReader(plan, told, wishes, clock_.Now())));
  if (recorded.dropped > 0) observer_.Dropped(plan.drop_reason, recorded.dropped);
  if (recorded.response.messages_size() > 0) on_plan_();
  return std::move(recorded.response);
}

absl::StatusOr<v1::GetMessageResponse> Notifier::GetMessage(const rpc::CallContext&,
                                                            const v1::GetMessageRequest& request) {
  v1::GetMessageResponse response;
  LUMBAR_ASSIGN_OR_RETURN(*response.mutable_message(), messages_.Get(request.name()));
  return response;
}

absl::StatusOr<v1::ListMessagesResponse> Notifier::ListMessages(const rpc::CallContext&,
                                                                const v1::ListMessagesRequest& request) {
  return ReadPage(messages_, request);
}

}  // namespace lumbar::notification
