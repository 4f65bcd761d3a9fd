// Tells the notification service of changes of appointments.
#pragma once

#include <string>

#include "common/auth/service_identity.h"
#include "common/rpc/client.h"
#include "lumbar/notification/v1/notification_service.grpc.pb.h"
#include "services/booking/domain/event_sink.h"

namespace lumbar::booking {

// Thread safe.
class NotificationClient final : public EventSink {
 public:
  // `target`, e.g. "127.0.0.1:9094", and `certificates` are as rpc::Remote takes them; `identity` must outlive it.
  // Connects when first used, and again whenever it must.
  NotificationClient(const std::string& target, const transport::CertificateFiles* certificates,
                     auth::ServiceIdentity& identity);

  // Waits five seconds at most. The event's id is the request_id, so that a repeat is taken once.
  absl::Status Deliver(const v1::AppointmentEvent& event) override;

 private:
  rpc::Remote<notification::v1::NotificationService> notification_;
  auth::ServiceIdentity& identity_;
};

}  // namespace lumbar::booking
