#include "services/booking/domain/calendar_links.h"

#include <absl/strings/str_cat.h>

#include <optional>

#include "common/auth/encoding.h"
#include "common/digest/hmac_sha256.h"
#include "common/time/proto_time.h"
#include "services/booking/errors.h"

namespace lumbar::booking {
namespace {

// A token is the party's mark, and in base64url the holder's digest and the proof.
constexpr char kPatientMark = 'p';
constexpr char kClinicianMark = 'c';
constexpr size_t kHolderSize = 8;
constexpr size_t kProofSize = 32;

char MarkOf(v1::CalendarParty party) { return party == v1::CALENDAR_PARTY_CLINICIAN ? kClinicianMark : kPatientMark; }

}  // namespace

// The first line of each text keeps its digest apart from any other that the secret may come to make.
std::string CalendarLinks::HolderOf(const v1::Appointment& appointment, v1::CalendarParty party) const {
  const bool clinicians = party == v1::CALENDAR_PARTY_CLINICIAN;
  const std::string& holder = clinicians ? appointment.slot().clinician() : appointment.patient();
  return HmacSha256(secret_, absl::StrCat("calendar link's holder\n", appointment.name(), "\n", holder))
      .substr(0, kHolderSize);
}

std::string CalendarLinks::ProofOf(absl::string_view appointment, const CalendarPass& pass) const {
  const std::string mark(1, MarkOf(pass.party));
  return HmacSha256(secret_, absl::StrCat("calendar link\n", appointment, "\n", mark, "\n", pass.holder));
}

std::string CalendarLinks::LinkFor(const v1::Appointment& appointment, v1::CalendarParty party) const {
  const CalendarPass pass = {party, HolderOf(appointment, party)};
  const std::string token = absl::StrCat(std::string(1, MarkOf(party)),
                                         auth::Base64UrlEncode(pass.holder + ProofOf(appointment.name(), pass)));
  return absl::StrCat("/v1/", appointment.name(), "/calendar.ics?token=", token);
}

absl::StatusOr<CalendarPass> CalendarLinks::Open(absl::string_view appointment, absl::string_view token) const {
  if (token.empty() || (token[0] != kPatientMark && token[0] != kClinicianMark)) return CalendarLinkInvalid();
  const std::optional<std::string> bytes = auth::Base64UrlDecode(token.substr(1));
  if (!bytes || bytes->size() != kHolderSize + kProofSize) return CalendarLinkInvalid();
  CalendarPass pass = {
      token[0] == kClinicianMark ? v1::CALENDAR_PARTY_CLINICIAN : v1::CALENDAR_PARTY_PATIENT,
      bytes->substr(0, kHolderSize),
  };
  if (!SameProof(bytes->substr(kHolderSize), ProofOf(appointment, pass))) return CalendarLinkInvalid();
  return pass;
}

absl::Status CalendarLinks::Check(const CalendarPass& pass, const v1::Appointment& appointment, absl::Time now) const {
  if (!SameProof(pass.holder, HolderOf(appointment, pass.party))) return CalendarLinkInvalid();
  const bool ended = now >= FromProto(appointment.slot().end_time()) + kLinkOutlivesVisit;
  return ended ? CalendarLinkExpired() : absl::OkStatus();
}

}  // namespace lumbar::booking
