// The steps of a place on the waitlist: which are legal, and what they make of it. Pure functions; the stores call them
// inside the transaction that saves the result, with the time read there.
#pragma once

#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include <optional>
#include <string>

#include "lumbar/booking/v1/appointment.pb.h"
#include "services/booking/domain/offer.h"

namespace lumbar::booking {

// How long an offer stands, to one who must be seen within a day, too; half the time until the visit, if that is less.
inline constexpr absl::Duration kOfferLifetime = absl::Minutes(15);
inline constexpr absl::Duration kUrgentOfferLifetime = absl::Minutes(10);
// A time that begins sooner isn't offered: the patient could hardly read of it.
inline constexpr absl::Duration kLeastNotice = absl::Minutes(20);
// Offers in a row that may pass without an answer. Then nobody seems to read them, and others wait.
inline constexpr int kMostUnanswered = 3;
// How many of the times that a patient let pass are remembered.
inline constexpr int kPassedRemembered = 50;

// Whose turn it is: the lesser comes first.
struct Turn {
  int64_t urgency = 0;
  absl::Time act_by;
  absl::Time joined;
  std::string name;
};
Turn TurnOf(const v1::WaitlistEntry& entry);

// Whether it waits, or has an offer.
bool IsLive(const v1::WaitlistEntry& entry);

// `entry` as it is at `now`: an offer that ran out is over, and a place whose latest begin can't be had any more has
// expired, although nobody wrote that down. If anything changed, the version did.
v1::WaitlistEntry AsOf(v1::WaitlistEntry entry, absl::Time now);

// The visit that `clinician` offers at `start`, if it fits the entry at `now`: what was wanted, and every rule of a
// hold. Nothing if it doesn't, or the patient let it pass before.
std::optional<Offer> OfferFor(const v1::WaitlistEntry& entry, const v1::Clinician& clinician, absl::Time start,
                              absl::Time now);

// How long an offer of a visit that begins at `start` is to stand.
absl::Duration OfferLifetime(const v1::WaitlistEntry& entry, absl::Time start, absl::Time now);

// `entry` with `hold`'s time on offer.
v1::WaitlistEntry Offered(v1::WaitlistEntry entry, const v1::Hold& hold, absl::Time now);

// `entry` after the offer was taken at `now`. An empty `etag` fits every version.
// FAILED_PRECONDITION: NOT_WAITING, NO_OFFER, OFFER_EXPIRED. ABORTED/ETAG_MISMATCH.
absl::StatusOr<v1::WaitlistEntry> Accepted(const v1::WaitlistEntry& entry, absl::string_view etag, absl::Time now);
// `entry` after the patient let the offer pass. Fails as Accepted.
absl::StatusOr<v1::WaitlistEntry> Declined(const v1::WaitlistEntry& entry, absl::string_view etag, absl::Time now);
// `entry` after the patient left; one that was left stays as it is.
// FAILED_PRECONDITION/NOT_WAITING: accepted or expired. ABORTED/ETAG_MISMATCH.
absl::StatusOr<v1::WaitlistEntry> Left(const v1::WaitlistEntry& entry, absl::string_view etag, absl::Time now);

}  // namespace lumbar::booking
