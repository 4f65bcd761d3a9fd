// Asks booking for calendar files over gRPC.
#pragma once

#include <memory>
#include <string>

#include "common/auth/service_identity.h"
#include "common/time/clock.h"
#include "lumbar/booking/v1/calendar_service.grpc.pb.h"
#include "services/notification/domain/calendar_files.h"

namespace lumbar::notification {

// Thread safe.
class BookingCalendar final : public CalendarFiles {
 public:
  // `target` need not be there yet. The others must outlive it.
  BookingCalendar(const std::string& target, auth::ServiceIdentity& identity, const Clock& clock);

  absl::StatusOr<CalendarFile> For(absl::string_view appointment, const std::string& clinician) override;

 private:
  const std::unique_ptr<booking::v1::CalendarService::StubInterface> calendar_;
  auth::ServiceIdentity& identity_;
  const Clock& clock_;
};

}  // namespace lumbar::notification
