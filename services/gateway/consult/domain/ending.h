// How a consult ends: called off, with its visit, or because nobody chose a time.
#pragma once

#include <absl/status/status.h>
#include <absl/time/time.h>

#include "lumbar/booking/v1/appointment.pb.h"
#include "services/gateway/consult/domain/consult_store.h"

namespace lumbar::gateway {

// How long after its end somebody may say what became of a visit, and how often that is asked for.
inline constexpr absl::Duration kVisitPatience = absl::Hours(2);
inline constexpr absl::Duration kVisitAskedEvery = absl::Minutes(15);

// When a consult is to be looked at although nobody asks: its offers are over, or its visit has ended. InfiniteFuture:
// never.
absl::Time DueTimeOf(const consult::v1::Consult& consult);

// It is called off. Fails as the contract says of CancelConsult.
absl::Status MarkCancelled(Case& cancelled, absl::Time now);

// Whether `followed` changed with what became of its visit without it: called off, moved, completed or missed.
bool FollowVisit(const booking::v1::Appointment& visit, Case& followed, absl::Time now);

}  // namespace lumbar::gateway
