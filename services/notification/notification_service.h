// Who calls us: the methods of notification's contract, each with the function that answers it.
#pragma once

#include "common/rpc/method_table.h"
#include "lumbar/notification/v1/alert_service.pb.h"
#include "lumbar/notification/v1/notification_service.pb.h"
#include "services/notification/domain/alert_desk.h"
#include "services/notification/domain/callbacks.h"
#include "services/notification/domain/conversation_desk.h"
#include "services/notification/domain/dead_letters.h"
#include "services/notification/domain/message_watch.h"
#include "services/notification/domain/notifier.h"
#include "services/notification/domain/preference_desk.h"
#include "services/notification/domain/text_desk.h"

namespace lumbar::notification {

inline const google::protobuf::ServiceDescriptor& Contract() {
  return *v1::GetMessageRequest::descriptor()->file()->FindServiceByName("NotificationService");
}
inline const google::protobuf::ServiceDescriptor& AlertContract() {
  return *v1::RaiseAlertRequest::descriptor()->file()->FindServiceByName("AlertService");
}

inline rpc::MethodTable AlertMethods(AlertDesk& desk) {
  return rpc::ServiceMethods(AlertContract(), desk).Add("RaiseAlert", &AlertDesk::RaiseAlert);
}

inline rpc::MethodTable NotificationMethods(Notifier& notifier, PreferenceDesk& preferences, DeadLetters& dead_letters,
                                            Callbacks& callbacks, TextDesk& texts, ConversationDesk& conversations,
                                            MessageWatch& watch) {
  return rpc::ServiceMethods(Contract(), notifier, preferences, dead_letters, callbacks, texts, conversations, watch)
      .Add("RecordAppointmentEvent", &Notifier::RecordAppointmentEvent)
      .Add("GetMessage", &Notifier::GetMessage)
      .Add("ListMessages", &Notifier::ListMessages)
      .Add("UpdatePreferences", &PreferenceDesk::UpdatePreferences)
      .Add("GetPreferences", &PreferenceDesk::GetPreferences)
      .Add("ListDeadLetters", &DeadLetters::ListDeadLetters)
      .Add("ReplayDeadLetter", &DeadLetters::ReplayDeadLetter)
      .Add("ReplayDeadLetters", &DeadLetters::ReplayDeadLetters)
      .Add("ReceiveCallback", &Callbacks::ReceiveCallback)
      .Add("ReceiveText", &TextDesk::ReceiveText)
      .Add("ListConversations", &ConversationDesk::ListConversations)
      .Add("GetConversation", &ConversationDesk::GetConversation)
      .Add("AssignConversation", &ConversationDesk::AssignConversation)
      .Add("ReplyToConversation", &ConversationDesk::ReplyToConversation)
      .Add("CloseConversation", &ConversationDesk::CloseConversation)
      .AddStream<v1::WatchMessagesResponse>("WatchMessages", &MessageWatch::WatchMessages);
}

}  // namespace lumbar::notification
