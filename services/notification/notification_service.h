// NotificationService on the wire.
#pragma once

#include "common/rpc/endpoint.h"
#include "lumbar/notification/v1/notification_service.grpc.pb.h"
#include "services/notification/domain/notifier.h"

namespace lumbar::notification {

class NotificationService final : public rpc::Endpoint<v1::NotificationService::CallbackService, Notifier> {
 public:
  using Endpoint::Endpoint;

  grpc::ServerUnaryReactor* RecordAppointmentEvent(grpc::CallbackServerContext* context,
                                                   const v1::RecordAppointmentEventRequest* request,
                                                   v1::RecordAppointmentEventResponse* response) override;
  grpc::ServerUnaryReactor* GetMessage(grpc::CallbackServerContext* context, const v1::GetMessageRequest* request,
                                       v1::GetMessageResponse* response) override;
  grpc::ServerUnaryReactor* ListMessages(grpc::CallbackServerContext* context, const v1::ListMessagesRequest* request,
                                         v1::ListMessagesResponse* response) override;
};

}  // namespace lumbar::notification
