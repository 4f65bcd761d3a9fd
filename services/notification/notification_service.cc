#include "services/notification/notification_service.h"

namespace lumbar::notification {

grpc::ServerUnaryReactor* NotificationService::RecordAppointmentEvent(grpc::CallbackServerContext* context,
                                                                      const v1::RecordAppointmentEventRequest* request,
                                                                      v1::RecordAppointmentEventResponse* response) {
  return Serve(context, request, response, &Notifier::RecordAppointmentEvent);
}

grpc::ServerUnaryReactor* NotificationService::GetMessage(grpc::CallbackServerContext* context,
                                                          const v1::GetMessageRequest* request,
                                                          v1::GetMessageResponse* response) {
  return Serve(context, request, response, &Notifier::GetMessage);
}

grpc::ServerUnaryReactor* NotificationService::ListMessages(grpc::CallbackServerContext* context,
                                                            const v1::ListMessagesRequest* request,
                                                            v1::ListMessagesResponse* response) {
  return Serve(context, request, response, &Notifier::ListMessages);
}

}  // namespace lumbar::notification
