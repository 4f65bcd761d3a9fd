#include "services/notification/adapters/booking_versions.h"

#include <absl/strings/match.h>

#include "common/status/macros.h"

namespace lumbar::notification {
namespace {

constexpr absl::Duration kVersionTimeout = absl::Seconds(2);

}  // namespace

BookingVersions::BookingVersions(const std::string& target, const transport::CertificateFiles* certificates,
                                 auth::ServiceIdentity& identity, const Clock& clock)
    : booking_(target, certificates), identity_(identity), clock_(clock) {}

absl::StatusOr<Standing> BookingVersions::Current(absl::string_view appointment) {
  LUMBAR_ASSIGN_OR_RETURN(std::string token, identity_.Token());
  const rpc::CallOptions options{clock_.Now() + kVersionTimeout, NewTrace(), std::move(token)};
  if (absl::StartsWith(appointment, "waitlistEntries/")) {
    booking::v1::GetWaitlistEntryRequest request;
    request.set_name(std::string(appointment));
    LUMBAR_ASSIGN_OR_RETURN(
        const auto response,
        rpc::Call(booking_, &booking::v1::BookingService::Stub::GetWaitlistEntry, request, options));
    return Standing{response.entry().version()};
  }
  booking::v1::GetAppointmentRequest request;
  request.set_name(std::string(appointment));
  LUMBAR_ASSIGN_OR_RETURN(const auto response,
                          rpc::Call(booking_, &booking::v1::BookingService::Stub::GetAppointment, request, options));
  const booking::v1::Appointment& found = response.appointment();
  return Standing{found.version(), found.state(), found.slot().clinician()};
}

}  // namespace lumbar::notification
