// An assessment for a person to read.
#pragma once

#include <string>

#include "lumbar/triage/v1/assessment.pb.h"

namespace lumbar::cli {

bool IsEmergency(triage::v1::Level level);

// "EMERGENCY: call 911 now", a few words for any level.
std::string LevelText(triage::v1::Level level);

// The questions that are open, each of which could make it more urgent; "" if there are none.
std::string Unanswered(const triage::v1::Assessment& assessment);

// What to do, why, what is not known yet, likely causes, care, and the signs that need help at once.
std::string Explained(const triage::v1::Assessment& assessment);

}  // namespace lumbar::cli
