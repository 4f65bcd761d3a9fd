#include "services/booking/adapters/notification_client.h"

#include "common/status/macros.h"

namespace lumbar::booking {
namespace {

using notification::v1::NotificationService;

constexpr absl::Duration kTimeout = absl::Seconds(5);

}  // namespace

NotificationClient::NotificationClient(const std::string& target, const transport::CertificateFiles* certificates,
                                       auth::ServiceIdentity& identity)
    : notification_(target, certificates), identity_(identity) {}

absl::Status NotificationClient::Deliver(const v1::AppointmentEvent& event) {
  LUMBAR_ASSIGN_OR_RETURN(std::string token, identity_.Token());
  notification::v1::RecordAppointmentEventRequest request;
  request.set_request_id(event.event_id());
  *request.mutable_event() = event;
  const rpc::CallOptions options{absl::Now() + kTimeout, NewTrace(), std::move(token)};
  return rpc::Call(notification_, &NotificationService::Stub::RecordAppointmentEvent, request, options).status();
}

}  // namespace lumbar::booking
