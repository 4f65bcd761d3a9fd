// Tells the notification service of changes of appointments.
#pragma once

#include <memory>
#include <string>

#include "common/auth/service_identity.h"
#include "lumbar/notification/v1/notification_service.grpc.pb.h"
#include "services/booking/domain/event_sink.h"

namespace lumbar::booking {

// Thread safe.
class NotificationClient final : public EventSink {
 public:
  // `target` is the service's address, e.g. "127.0.0.1:9094"; `identity` must outlive it. Connects when first used, and
  // again whenever it must.
  NotificationClient(const std::string& target, auth::ServiceIdentity& identity);

  // Waits five seconds at most. The event's id is the request_id, so that a repeat is taken once.
  absl::Status Deliver(const v1::AppointmentEvent& event) override;

 private:
  const std::unique_ptr<notification::v1::NotificationService::StubInterface> stub_;
  auth::ServiceIdentity& identity_;
};

}  // namespace lumbar::booking
