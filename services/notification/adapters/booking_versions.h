// Asks booking over gRPC.
#pragma once

#include <string>

#include "common/auth/service_identity.h"
#include "common/rpc/client.h"
#include "common/time/clock.h"
#include "lumbar/booking/v1/booking_service.grpc.pb.h"
#include "services/notification/domain/appointment_versions.h"

namespace lumbar::notification {

// Thread safe.
class BookingVersions final : public AppointmentVersions {
 public:
  // `target` need not be there yet; it and `certificates` are as rpc::Remote takes them. The others must outlive it.
  BookingVersions(const std::string& target, const transport::CertificateFiles* certificates,
                  auth::ServiceIdentity& identity, const Clock& clock);

  absl::StatusOr<Standing> Current(absl::string_view appointment) override;

 private:
  rpc::Remote<booking::v1::BookingService> booking_;
  auth::ServiceIdentity& identity_;
  const Clock& clock_;
};

}  // namespace lumbar::notification
