#include "services/booking/domain/calendar_file.h"

#include <absl/strings/ascii.h>
#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>
#include <absl/strings/strip.h>
#include <libical/ical.h>

#include <memory>

#include "common/time/proto_time.h"
#include "common/time/zone.h"
#include "services/booking/domain/calendar_zone.h"

namespace lumbar::booking {
namespace {

using Component = std::unique_ptr<icalcomponent, decltype(&icalcomponent_free)>;

// The room opens so long before the visit.
constexpr int kAlarmMinutes = 15;

// Control characters, of which RFC 5545 allows none, become spaces.
std::string Clean(absl::string_view text) {
  std::string clean(text);
  for (char& c : clean) {
    if (absl::ascii_iscntrl(static_cast<unsigned char>(c))) c = ' ';
  }
  return clean;
}

// RFC 6068: what an address may have and a URI may not is percent-encoded.
std::string MailtoUri(absl::string_view address) {
  std::string uri = "mailto:";
  for (const char c : address) {
    const bool plain = absl::ascii_isalnum(static_cast<unsigned char>(c)) || absl::StrContains("@.-_~+!$*'", c);
    if (plain) {
      uri.push_back(c);
    } else {
      absl::StrAppendFormat(&uri, "%%%02X", static_cast<unsigned char>(c));
    }
  }
  return uri;
}

icaltimetype Utc(absl::Time time) {
  return icaltime_from_timet_with_zone(absl::ToTimeT(time), 0, icaltimezone_get_utc_timezone());
}

icaltimetype WallClock(absl::Time time, absl::TimeZone zone) {
  const absl::CivilSecond civil = zone.At(time).cs;
  const absl::Time as_if_utc = absl::FromCivil(civil, absl::UTCTimeZone());
  return icaltime_from_timet_with_zone(absl::ToTimeT(as_if_utc), 0, nullptr);
}

icalproperty* Named(icalproperty* party, absl::string_view name) {
  icalproperty_add_parameter(party, icalparameter_new_cn(Clean(name).c_str()));
  return party;
}

icalproperty* OrganizerProperty(const Organizer& organizer) {
  return Named(icalproperty_new_organizer(MailtoUri(organizer.email).c_str()), organizer.practice);
}

// Booked through the product: nobody waits for an answer from the calendar.
icalproperty* AttendeeProperty(const Attendee& attendee) {
  icalproperty* const property = icalproperty_new_attendee(MailtoUri(attendee.email).c_str());
  icalproperty_add_parameter(property, icalparameter_new_role(ICAL_ROLE_REQPARTICIPANT));
  icalproperty_add_parameter(property, icalparameter_new_partstat(ICAL_PARTSTAT_ACCEPTED));
  icalproperty_add_parameter(property, icalparameter_new_rsvp(ICAL_RSVP_FALSE));
  return Named(property, attendee.display_name);
}

icalcomponent* Alarm(const std::string& summary) {
  icaltriggertype trigger = icaltriggertype_from_int(-kAlarmMinutes * 60);
  return icalcomponent_vanew(ICAL_VALARM_COMPONENT, icalproperty_new_action(ICAL_ACTION_DISPLAY),
                             icalproperty_new_description(summary.c_str()), icalproperty_new_trigger(trigger), nullptr);
}

// When the visit is, in the attendee's zone, which is added to `calendar`; in UTC where that could be misread.
void AddTimes(const v1::Slot& slot, const std::string& zone_name, icalcomponent* calendar, icalcomponent* event) {
  const absl::Time start = FromProto(slot.start_time());
  const absl::Time end = FromProto(slot.end_time());
  const std::optional<absl::TimeZone> zone = FindZone(zone_name);
  const bool local = zone && zone_name != "UTC" && HappensOnce(start, *zone) && HappensOnce(end, *zone);
  icalproperty* const from = icalproperty_new_dtstart(local ? WallClock(start, *zone) : Utc(start));
  icalproperty* const until = icalproperty_new_dtend(local ? WallClock(end, *zone) : Utc(end));
  if (local) {
    icalcomponent_add_component(calendar, MakeZone(zone_name, *zone, start, end));
    icalproperty_add_parameter(from, icalparameter_new_tzid(zone_name.c_str()));
    icalproperty_add_parameter(until, icalparameter_new_tzid(zone_name.c_str()));
  }
  icalcomponent_add_property(event, from);
  icalcomponent_add_property(event, until);
}

void AddWords(const Attendee& attendee, const Organizer& organizer, absl::string_view id, icalcomponent* event) {
  const std::string with = attendee.meets.empty() ? "" : absl::StrCat(" with ", Clean(attendee.meets));
  const std::string summary = absl::StrCat("Video visit", with);
  const std::string text = absl::StrCat(summary, ", ", Clean(organizer.practice));
  icalcomponent_add_property(event, icalproperty_new_summary(summary.c_str()));
  icalcomponent_add_property(event, icalproperty_new_description(text.c_str()));
  if (organizer.visit_uri.empty()) return;
  icalcomponent_add_property(event, icalproperty_new_url(absl::StrCat(organizer.visit_uri, id).c_str()));
}

// DTSTAMP is when the version came to be, not when this file was made: two files of one version are then the same.
void AddStanding(const v1::Appointment& appointment, absl::string_view id, bool cancelled, icalcomponent* event) {
  icalcomponent_add_property(event, icalproperty_new_uid(std::string(id).c_str()));
  icalcomponent_add_property(event, icalproperty_new_sequence(static_cast<int>(appointment.version() - 1)));
  icalcomponent_add_property(event, icalproperty_new_dtstamp(Utc(FromProto(appointment.update_time()))));
  icalcomponent_add_property(event, icalproperty_new_created(Utc(FromProto(appointment.create_time()))));
  icalcomponent_add_property(event, icalproperty_new_status(cancelled ? ICAL_STATUS_CANCELLED : ICAL_STATUS_CONFIRMED));
  icalcomponent_add_property(event, icalproperty_new_class(ICAL_CLASS_PRIVATE));
  icalcomponent_add_property(event, icalproperty_new_transp(cancelled ? ICAL_TRANSP_TRANSPARENT : ICAL_TRANSP_OPAQUE));
}

std::string TextOf(icalcomponent* calendar) {
  const std::unique_ptr<char, decltype(&icalmemory_free_buffer)> text(icalcomponent_as_ical_string_r(calendar),
                                                                      &icalmemory_free_buffer);
  return text.get();
}

}  // namespace

Attendee PatientOf(const v1::Appointment& appointment) {
  const v1::PatientContact& contact = appointment.contact();
  return {contact.display_name(), contact.email(), contact.time_zone(), appointment.slot().clinician_display_name()};
}

Attendee AttendeeOf(const v1::Clinician& clinician) {
  return {clinician.display_name(), clinician.email(), clinician.time_zone(), ""};
}

CalendarFile MakeCalendarFile(const v1::Appointment& appointment, const Attendee& attendee, const Organizer& organizer,
                              Standing standing) {
  const bool cancelled = standing == Standing::kCalledOff;
  const absl::string_view id = absl::StripPrefix(appointment.name(), "appointments/");
  const Component calendar(
      icalcomponent_vanew(ICAL_VCALENDAR_COMPONENT, icalproperty_new_version("2.0"),
                          icalproperty_new_prodid("-//Lumbar//Booking//EN"), icalproperty_new_calscale("GREGORIAN"),
                          icalproperty_new_method(cancelled ? ICAL_METHOD_CANCEL : ICAL_METHOD_REQUEST), nullptr),
      &icalcomponent_free);
  icalcomponent* const event = icalcomponent_new_vevent();
  AddStanding(appointment, id, cancelled, event);
  AddTimes(appointment.slot(), attendee.time_zone, calendar.get(), event);
  AddWords(attendee, organizer, id, event);
  icalcomponent_add_property(event, OrganizerProperty(organizer));
  icalcomponent_add_property(event, AttendeeProperty(attendee));
  if (!cancelled) icalcomponent_add_component(event, Alarm("Video visit"));
  icalcomponent_add_component(calendar.get(), event);
  return {cancelled ? "CANCEL" : "REQUEST", TextOf(calendar.get())};
}

}  // namespace lumbar::booking
