// Whether a protocol may be used. What passes can be compiled, and keeps the promise that more danger or less knowledge
// never lowers a level.
#pragma once

#include <absl/status/status.h>
#include <absl/strings/string_view.h>

#include "lumbar/triage/v1/protocol.pb.h"

namespace lumbar::triage {

// INVALID_ARGUMENT/PROTOCOL_REFUSED names `file`, the place in it and the reason. Refused are
// - a missing or doubled id, text, source, level, question or safety net;
// - a condition that is empty, names an unknown finding, or can't hold (bounds crossed, more wanted than there are);
// - a rule that asks whether a finding is absent: one more present finding would lower the level;
// - a rule above CONSULTATION on a finding that isn't a red flag: left unanswered, it would pass as absent;
// - a level whose deadline is later than that of a less urgent one.
absl::Status CheckProtocol(const v1::Protocol& protocol, absl::string_view file);

}  // namespace lumbar::triage
