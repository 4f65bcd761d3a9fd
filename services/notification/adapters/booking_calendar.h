// Asks booking for calendar files over gRPC.
#pragma once

#include <string>

#include "common/auth/service_identity.h"
#include "common/rpc/client.h"
#include "common/time/clock.h"
#include "lumbar/booking/v1/calendar_service.grpc.pb.h"
#include "services/notification/domain/calendar_files.h"

namespace lumbar::notification {

// Thread safe.
class BookingCalendar final : public CalendarFiles {
 public:
  // `target` need not be there yet; it and `certificates` are as rpc::Remote takes them. The others must outlive it.
  BookingCalendar(const std::string& target, const transport::CertificateFiles* certificates,
                  auth::ServiceIdentity& identity, const Clock& clock);

  absl::StatusOr<CalendarFile> For(absl::string_view appointment, const std::string& clinician) override;

 private:
  rpc::Remote<booking::v1::CalendarService> calendar_;
  auth::ServiceIdentity& identity_;
  const Clock& clock_;
};

}  // namespace lumbar::notification
