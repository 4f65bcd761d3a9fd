// Consults that wait for the staff: how long they may, and when the staff is told.
//
// They are told at once, again when the time is over, and then each time it passes anew, until somebody takes the
// consult on or they were told kMostAlerts times. What they are told names the consult and nothing of it.
#pragma once

#include <absl/time/time.h>

#include <string>

#include "services/gateway/consult/domain/consult_store.h"

namespace lumbar::gateway {

inline constexpr int kMostAlerts = 5;

// How long the staff may take. The less is known, or the sooner the patient must be seen, the shorter: 15 minutes if
// triage was out of reach, 30 if the patient must be seen within a day, else four hours.
absl::Duration RespondWithin(const consult::v1::Consult& consult);

// From now on `escalated` waits for the staff, who are to be told at once.
void Escalate(Case& escalated, const std::string& reason, absl::Time now);

// They were told.
void MarkAlerted(Case& told, absl::Time now);

// They need not be told any more.
void StopAlerting(Case& settled);

}  // namespace lumbar::gateway
