// Links to calendar files, for programs that can't show a bearer token.
#pragma once

#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include <string>
#include <utility>

#include "lumbar/booking/v1/appointment.pb.h"
#include "lumbar/booking/v1/calendar_service.pb.h"

namespace lumbar::booking {

// How long after the end of the visit its links are good.
inline constexpr absl::Duration kLinkOutlivesVisit = absl::Hours(24 * 30);

// What a genuine link says.
struct CalendarPass {
  v1::CalendarParty party = v1::CALENDAR_PARTY_UNSPECIFIED;
  // A keyed digest of whose it is.
  std::string holder;
};

// Thread safe. A link holds no time: its end follows the visit, wherever that is moved, and both parties keep the one
// that they have. It holds no name but the appointment's either, only keyed digests (HMAC).
class CalendarLinks {
 public:
  // `secret` is of 32 characters or more.
  explicit CalendarLinks(std::string secret) : secret_(std::move(secret)) {}

  // "/v1/appointments/<uuid>/calendar.ics?token=<token>", for the appointment's patient or its present clinician.
  std::string LinkFor(const v1::Appointment& appointment, v1::CalendarParty party) const;

  // What `token` says of the appointment of that name; needs no appointment, so that what isn't genuine costs no store
  // a look. PERMISSION_DENIED/CALENDAR_LINK_INVALID: not one that LinkFor made for it.
  absl::StatusOr<CalendarPass> Open(absl::string_view appointment, absl::string_view token) const;

  // PERMISSION_DENIED/CALENDAR_LINK_INVALID: of a clinician who has the visit no longer.
  // PERMISSION_DENIED/CALENDAR_LINK_EXPIRED.
  absl::Status Check(const CalendarPass& pass, const v1::Appointment& appointment, absl::Time now) const;

 private:
  std::string HolderOf(const v1::Appointment& appointment, v1::CalendarParty party) const;
  std::string ProofOf(absl::string_view appointment, const CalendarPass& pass) const;

  const std::string secret_;
};

}  // namespace lumbar::booking
