// Turns what is known of a patient into an answer. Pure: the same protocol, facts and time give the same bytes.
#pragma once

#include <absl/time/time.h>

#include "lumbar/triage/v1/assessment.pb.h"
#include "services/triage/domain/compiled_protocol.h"
#include "services/triage/domain/facts.h"

namespace lumbar::triage {

// Every rule of `rule_set` is evaluated and the highest level wins; no rule lowers one. Guaranteed:
// - One more present finding, or one answer less than "absent", never lowers the level.
// - An open red flag, or an unknown number or sex that a rule depends on, never leaves SELF_CARE: it becomes
//   CONSULTATION, and the answer lists what is open.
// - At the emergency levels there is neither care advice nor a harmless cause to read first.
// - A drug with a block that holds, or that might hold, says why and is not suggested.
// `rule_set` must be one of `protocol`, and `facts` read by its vocabulary.
v1::Assessment AssessFacts(const CompiledProtocol& protocol, const CompiledRuleSet& rule_set, const Facts& facts,
                           absl::Time now);

// The same into `assessment`, which must be empty. If that lives on an arena, parts of `protocol` are lent to it: then
// the protocol must outlive it, and it may be read and added to, but not otherwise changed.
void AssessFacts(const CompiledProtocol& protocol, const CompiledRuleSet& rule_set, const Facts& facts, absl::Time now,
                 v1::Assessment& assessment);

}  // namespace lumbar::triage
