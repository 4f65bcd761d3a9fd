// Which of the free times a patient is offered.
#pragma once

#include "lumbar/booking/v1/booking_service.pb.h"
#include "lumbar/consult/v1/consult.pb.h"

namespace lumbar::gateway {

// More choice than this helps nobody choose.
inline constexpr int kMaxOffers = 6;
inline constexpr int kMaxOffersPerClinician = 2;

// Replaces the consult's offers by the earliest of `found` (which come the earliest first), a few of each clinician,
// and writes one routing note for each clinician in it.
void MakeOffers(const booking::v1::SearchSlotsResponse& found, consult::v1::Consult& consult);

}  // namespace lumbar::gateway
