// What the numbers say about the course: how long it has lasted, and the STarT Back score. Never changes the level.
#pragma once

#include "lumbar/triage/v1/assessment.pb.h"
#include "services/triage/domain/facts.h"

namespace lumbar::triage {

// Acute: less than 4 weeks; subacute: 4 to 12; chronic: more (American College of Physicians 2017, 10.7326/M16-2367).
v1::DurationClass DurationClassOf(const Facts& facts);

// Total 0 to 3: low. 4 or more: medium, and high if the psychosocial items, 5 to 9, give 4 or more
// (Hill 2008, 10.1002/art.23563). `answers` has nine items of 0 or 1, as the contract asks.
v1::StartBackScore ScoreStartBack(const v1::StartBackAnswers& answers);

}  // namespace lumbar::triage
