#include "services/booking/domain/calendar_desk.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/strip.h>

#include <utility>

#include "common/status/errors.h"
#include "common/status/macros.h"
#include "services/booking/errors.h"

namespace lumbar::booking {
namespace {

constexpr absl::string_view kSuffix = "/calendarFile";

// Whose file of the visit the caller may have.
absl::StatusOr<v1::CalendarParty> PartyOf(const rpc::CallContext& context, const v1::Appointment& appointment,
                                          const v1::GetCalendarFileRequest& request) {
  const auth::Caller& caller = context.caller();
  const v1::CalendarParty wanted = request.party();
  if (caller.role == options::v1::ROLE_SERVICE) {
    if (wanted == v1::CALENDAR_PARTY_UNSPECIFIED) return CalendarPartyMissing();
    return wanted;
  }
  const bool clinician = caller.role == options::v1::ROLE_CLINICIAN;
  if (clinician && caller.subject != appointment.slot().clinician()) return NotYourVisit();
  const auto own = clinician ? v1::CALENDAR_PARTY_CLINICIAN : v1::CALENDAR_PARTY_PATIENT;
  const bool others = wanted != v1::CALENDAR_PARTY_UNSPECIFIED && wanted != own;
  if (others || !request.clinician().empty()) return NotYourCalendarFile();
  return own;
}

}  // namespace

absl::StatusOr<Attendee> CalendarDesk::ReaderOf(const v1::Appointment& appointment, v1::CalendarParty party,
                                                const std::string& clinician) {
  if (party == v1::CALENDAR_PARTY_PATIENT) return PatientOf(appointment);
  LUMBAR_ASSIGN_OR_RETURN(const v1::Clinician found, clinicians_.Get(clinician));
  if (found.email().empty()) return ClinicianEmailMissing();
  return AttendeeOf(found);
}

absl::StatusOr<v1::CalendarFile> CalendarDesk::FileFor(const v1::Appointment& appointment, v1::CalendarParty party,
                                                       const std::string& clinician) {
  if (!organizer_) return CalendarNotConfigured();
  const std::string& with = appointment.slot().clinician();
  const bool has_it = clinician.empty() || clinician == with;
  LUMBAR_ASSIGN_OR_RETURN(const Attendee reader, ReaderOf(appointment, party, has_it ? with : clinician));
  const bool stands = has_it && appointment.state() != v1::APPOINTMENT_STATE_CANCELLED;
  CalendarFile made =
      MakeCalendarFile(appointment, reader, *organizer_, stands ? Standing::kBooked : Standing::kCalledOff);
  v1::CalendarFile file;
  file.set_name(absl::StrCat(appointment.name(), kSuffix));
  file.set_party(party);
  file.set_method(std::move(made.method));
  file.set_content(std::move(made.text));
  file.set_appointment_version(appointment.version());
  file.set_attendee_display_name(reader.display_name);
  file.set_attendee_email(reader.email);
  if (links_ && has_it) file.set_download_uri(links_->LinkFor(appointment, party));
  return file;
}

absl::StatusOr<v1::GetCalendarFileResponse> CalendarDesk::GetCalendarFile(const rpc::CallContext& context,
                                                                          const v1::GetCalendarFileRequest& request) {
  const absl::string_view name = absl::StripSuffix(request.name(), kSuffix);
  LUMBAR_ASSIGN_OR_RETURN(const v1::Appointment appointment, appointments_.GetAppointment(name));
  LUMBAR_RETURN_IF_ERROR(context.CheckOwner(appointment.patient()));
  LUMBAR_ASSIGN_OR_RETURN(const v1::CalendarParty party, PartyOf(context, appointment, request));
  v1::GetCalendarFileResponse response;
  LUMBAR_ASSIGN_OR_RETURN(*response.mutable_calendar_file(), FileFor(appointment, party, request.clinician()));
  return response;
}

absl::StatusOr<v1::DownloadCalendarFileResponse> CalendarDesk::DownloadCalendarFile(
    const rpc::CallContext&, const v1::DownloadCalendarFileRequest& request) {
  // Who has no genuine link neither reaches the store nor learns which appointments there are.
  if (!links_) return CalendarLinkInvalid();
  LUMBAR_ASSIGN_OR_RETURN(const CalendarPass pass, links_->Open(request.name(), request.token()));
  LUMBAR_ASSIGN_OR_RETURN(const v1::Appointment appointment, appointments_.GetAppointment(request.name()));
  LUMBAR_RETURN_IF_ERROR(links_->Check(pass, appointment, clock_.Now()));
  LUMBAR_ASSIGN_OR_RETURN(v1::CalendarFile made, FileFor(appointment, pass.party, ""));
  v1::DownloadCalendarFileResponse response;
  response.mutable_file()->set_content_type(absl::StrCat("text/calendar; charset=utf-8; method=", made.method()));
  response.mutable_file()->set_data(std::move(*made.mutable_content()));
  return response;
}

}  // namespace lumbar::booking
