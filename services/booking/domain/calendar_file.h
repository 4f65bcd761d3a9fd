// A visit as a file for a party's calendar: iCalendar (RFC 5545), as a request or a cancellation (RFC 5546).
// Booking owns it, because it owns all that is in it: the visit, its version, both parties' addresses and zones. The
// notification service asks for it when it sends a mail, so that what is mailed is what the link serves.
#pragma once

#include <absl/strings/string_view.h>

#include <string>

#include "lumbar/booking/v1/appointment.pb.h"
#include "lumbar/booking/v1/clinician.pb.h"

namespace lumbar::booking {

// The clinic, as the organiser of all visits.
struct Organizer {
  // As patients know it.
  std::string practice;
  std::string email;
  // What an appointment's id is put behind to make the page on which the visit is joined, e.g.
  // "https://care.example/visits/"; empty: files have no link. Never the address of a video room, which lets in whoever
  // has it.
  std::string visit_uri;
};

// The one for whose calendar a file is. No file names the other party's address, and a clinician's, which may end up in
// a calendar of another company, not the patient either.
struct Attendee {
  std::string display_name;
  std::string email;
  // Known to IsKnownZone.
  std::string time_zone;
  // What the other party is called in the file; empty: not named.
  std::string meets;
};

struct CalendarFile {
  // "REQUEST" or "CANCEL".
  std::string method;
  // In UTF-8: lines of 75 octets at most, each ended by CRLF.
  std::string text;
};

Attendee PatientOf(const v1::Appointment& appointment);
Attendee AttendeeOf(const v1::Clinician& clinician);

// How the visit stands for that reader.
enum class Standing { kBooked, kCalledOff };

// The same bytes for the same version of an appointment; of a later version, with a higher SEQUENCE under the same UID,
// so that a calendar replaces what it has. Of the visit nothing but when, how long and with whom. Any text is taken as
// it is, control characters excepted.
CalendarFile MakeCalendarFile(const v1::Appointment& appointment, const Attendee& attendee, const Organizer& organizer,
                              Standing standing);

}  // namespace lumbar::booking
