// Decides who gets the calendar file of a visit.
#pragma once

#include <absl/status/statusor.h>

#include <optional>
#include <string>

#include "common/rpc/call_context.h"
#include "common/time/clock.h"
#include "lumbar/booking/v1/calendar_service.pb.h"
#include "services/booking/domain/appointment_store.h"
#include "services/booking/domain/calendar_file.h"
#include "services/booking/domain/calendar_links.h"
#include "services/booking/domain/clinician_store.h"

namespace lumbar::booking {

// The handlers of CalendarService; what each refuses is in its contract. Thread safe.
class CalendarDesk {
 public:
  // The stores and the clock must outlive it. Without an organizer it makes no files, without links it gives none.
  CalendarDesk(ClinicianStore& clinicians, AppointmentStore& appointments, std::optional<Organizer> organizer,
               std::optional<CalendarLinks> links, const Clock& clock)
      : clinicians_(clinicians),
        appointments_(appointments),
        organizer_(std::move(organizer)),
        links_(std::move(links)),
        clock_(clock) {}

  absl::StatusOr<v1::GetCalendarFileResponse> GetCalendarFile(const rpc::CallContext& context,
                                                              const v1::GetCalendarFileRequest& request);
  absl::StatusOr<v1::DownloadCalendarFileResponse> DownloadCalendarFile(const rpc::CallContext& context,
                                                                        const v1::DownloadCalendarFileRequest& request);

 private:
  absl::StatusOr<Attendee> ReaderOf(const v1::Appointment& appointment, v1::CalendarParty party,
                                    const std::string& clinician);
  // `clinician`: empty for the one who has the visit.
  absl::StatusOr<v1::CalendarFile> FileFor(const v1::Appointment& appointment, v1::CalendarParty party,
                                           const std::string& clinician);

  ClinicianStore& clinicians_;
  AppointmentStore& appointments_;
  const std::optional<Organizer> organizer_;
  const std::optional<CalendarLinks> links_;
  const Clock& clock_;
};

}  // namespace lumbar::booking
