#include "services/notification/adapters/booking_calendar.h"

#include <absl/strings/str_cat.h>

#include "common/status/macros.h"

namespace lumbar::notification {
namespace {

constexpr absl::Duration kFileTimeout = absl::Seconds(2);

}  // namespace

BookingCalendar::BookingCalendar(const std::string& target, const transport::CertificateFiles* certificates,
                                 auth::ServiceIdentity& identity, const Clock& clock)
    : calendar_(target, certificates), identity_(identity), clock_(clock) {}

absl::StatusOr<CalendarFile> BookingCalendar::For(absl::string_view appointment, const std::string& clinician) {
  LUMBAR_ASSIGN_OR_RETURN(const std::string token, identity_.Token());
  booking::v1::GetCalendarFileRequest request;
  request.set_name(absl::StrCat(appointment, "/calendarFile"));
  request.set_party(clinician.empty() ? booking::v1::CALENDAR_PARTY_PATIENT : booking::v1::CALENDAR_PARTY_CLINICIAN);
  request.set_clinician(clinician);
  LUMBAR_ASSIGN_OR_RETURN(booking::v1::GetCalendarFileResponse response,
                          rpc::Call(calendar_, &booking::v1::CalendarService::Stub::GetCalendarFile, request,
                                    {clock_.Now() + kFileTimeout, NewTrace(), token}));
  booking::v1::CalendarFile& file = *response.mutable_calendar_file();
  return CalendarFile{file.method(), std::move(*file.mutable_content()), file.appointment_version(),
                      file.attendee_display_name(), file.attendee_email()};
}

}  // namespace lumbar::notification
