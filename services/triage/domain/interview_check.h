// Whether an interview can ask everything that matters, and nothing twice.
#pragma once

#include <string>

#include "lumbar/triage/v1/protocol.pb.h"

namespace lumbar::triage {

// What is wrong with the questions of `protocol`: an id or a finding that stands there twice, a question about nothing,
// something that a rule stands on and no question asks; "" if nothing is. Its rules must have been checked.
std::string FaultOfInterview(const v1::Protocol& protocol);

}  // namespace lumbar::triage
