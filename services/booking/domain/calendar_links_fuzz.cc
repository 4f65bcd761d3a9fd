// Tokens of calendar links from hostile bytes: no token but the two that were given may open the file.
#include "services/booking/domain/calendar_links.h"

#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  using namespace lumbar::booking;
  static const CalendarLinks links(std::string(32, 'k'));
  static const v1::Appointment appointment = [] {
    v1::Appointment made;
    made.set_name("appointments/8c5ab2f0-1c6e-4b1f-9a51-0c7f3f8a0001");
    made.set_patient("patients/17");
    made.mutable_slot()->set_clinician("clinicians/maya-chen");
    return made;
  }();
  const absl::string_view token(reinterpret_cast<const char*>(bytes), size);
  const auto link = [&](v1::CalendarParty party) { return links.LinkFor(appointment, party); };
  const bool given =
      token.size() > 50 && (absl::EndsWith(link(v1::CALENDAR_PARTY_PATIENT), absl::StrCat("=", token)) ||
                            absl::EndsWith(link(v1::CALENDAR_PARTY_CLINICIAN), absl::StrCat("=", token)));
  if (links.Open(appointment.name(), token).ok() != given) std::abort();
  return 0;
}
