// Which clinicians a patient is offered, in which order, and why not the others. Who may see the patient is booking's
// to say, and is never relaxed; here are preferences alone.
//
// - Language comes first, as long as somebody who speaks the patient's has a time in the first half of what is left
// until
//   the deadline. After that anybody eligible is better than the wait: so the nearer the deadline, the less it counts.
// - Then the earliest. Times that lie close together count as equally early: within an eighth of the time left, four
//   hours at most.
// - Of equally early ones: who speaks the language, who has seen the patient before, who has less to do for the hours
//   worked, who was booked longest ago, and then by name, so that the same question has the same answer.
#pragma once

#include <absl/time/time.h>

#include "lumbar/booking/v1/routing_service.pb.h"
#include "lumbar/consult/v1/consult.pb.h"

namespace lumbar::gateway {

// More choice than this helps nobody choose.
inline constexpr int kMaxOffers = 6;
inline constexpr int kMaxOffersPerClinician = 2;
// A clinic with more clinicians has notes of those who came nearest.
inline constexpr int kMaxRoutingNotes = 200;

// Replaces the consult's offers by times of `found` that begin at `deadline` or earlier: one of each clinician by rank,
// then a second one of each. Writes one routing note for each clinician in `found`, and before them for each who has
// declined the consult and so isn't offered.
void MakeOffers(const booking::v1::FindCandidatesResponse& found, absl::Time now, absl::Time deadline,
                consult::v1::Consult& consult);

}  // namespace lumbar::gateway
