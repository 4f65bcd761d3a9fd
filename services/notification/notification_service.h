// Who calls us: the methods of notification's contract, each with the function that answers it.
#pragma once

#include "common/rpc/method_table.h"
#include "lumbar/notification/v1/notification_service.pb.h"
#include "services/notification/domain/callbacks.h"
#include "services/notification/domain/dead_letters.h"
#include "services/notification/domain/notifier.h"

namespace lumbar::notification {

inline const google::protobuf::ServiceDescriptor& Contract() {
  return *v1::GetMessageRequest::descriptor()->file()->FindServiceByName("NotificationService");
}

inline rpc::MethodTable NotificationMethods(Notifier& notifier, DeadLetters& dead_letters, Callbacks& callbacks) {
  return rpc::ServiceMethods(Contract(), notifier, dead_letters, callbacks)
      .Add("RecordAppointmentEvent", &Notifier::RecordAppointmentEvent)
      .Add("GetMessage", &Notifier::GetMessage)
      .Add("ListMessages", &Notifier::ListMessages)
      .Add("ListDeadLetters", &DeadLetters::ListDeadLetters)
      .Add("ReplayDeadLetter", &DeadLetters::ReplayDeadLetter)
      .Add("ReplayDeadLetters", &DeadLetters::ReplayDeadLetters)
      .Add("ReceiveCallback", &Callbacks::ReceiveCallback);
}

}  // namespace lumbar::notification
