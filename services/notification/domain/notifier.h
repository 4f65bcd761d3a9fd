// What callers ask of this service.
#pragma once

#include <absl/status/statusor.h>

#include <functional>
#include <utility>

#include "common/rpc/call_context.h"
#include "common/time/clock.h"
#include "lumbar/notification/v1/notification_service.pb.h"
#include "services/notification/domain/delivery_observer.h"
#include "services/notification/domain/message_store.h"
#include "services/notification/domain/preference_store.h"

namespace lumbar::notification {

// The handlers of NotificationService. Thread safe.
class Notifier {
 public:
  // `on_plan` is called after each plan that queued something, and returns at once. `tells_system`: whether the
  // clinic's own system is told of appointments, too. All must outlive it.
  Notifier(MessageStore& messages, PatientWishes& wishes, DeliveryObserver& observer, const Clock& clock,
           std::function<void()> on_plan, bool tells_system = false)
      : messages_(messages),
        wishes_(wishes),
        observer_(observer),
        clock_(clock),
        on_plan_(std::move(on_plan)),
        tells_system_(tells_system) {}

  // INVALID_ARGUMENT/INVALID_FIELD: the event lacks what a message needs.
  absl::StatusOr<v1::RecordAppointmentEventResponse> RecordAppointmentEvent(
      const rpc::CallContext& context, const v1::RecordAppointmentEventRequest& request);
  // NOT_FOUND/MESSAGE_NOT_FOUND.
  absl::StatusOr<v1::GetMessageResponse> GetMessage(const rpc::CallContext& context,
                                                    const v1::GetMessageRequest& request);
  // INVALID_ARGUMENT/INVALID_PAGE_TOKEN.
  absl::StatusOr<v1::ListMessagesResponse> ListMessages(const rpc::CallContext& context,
                                                        const v1::ListMessagesRequest& request);

 private:
  absl::StatusOr<v1::RecordAppointmentEventResponse> Record(const rpc::CallContext& context,
                                                            const booking::v1::Appointment& about, const Plan& plan);

  MessageStore& messages_;
  PatientWishes& wishes_;
  DeliveryObserver& observer_;
  const Clock& clock_;
  const std::function<void()> on_plan_;
  const bool tells_system_;
};

}  // namespace lumbar::notification
