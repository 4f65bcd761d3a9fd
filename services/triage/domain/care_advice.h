// Which care advice fits, and which must not be followed here.
#pragma once

#include "lumbar/triage/v1/assessment.pb.h"
#include "services/triage/domain/compiled_protocol.h"
#include "services/triage/domain/facts.h"

namespace lumbar::triage {

// Adds every advice whose condition holds to `assessment`. One with a block that holds says why; a drug with a block
// that might hold says what to ask first.
void AddAdvice(const CompiledProtocol& protocol, const Facts& facts, v1::Assessment& assessment);

}  // namespace lumbar::triage
