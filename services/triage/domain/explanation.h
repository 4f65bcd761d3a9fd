// Why a verdict is as it is, and what would change it.
#pragma once

#include "lumbar/triage/v1/assessment.pb.h"
#include "services/triage/domain/compiled_protocol.h"
#include "services/triage/domain/facts.h"
#include "services/triage/domain/verdict.h"

namespace lumbar::triage {

// Adds the fired rules, the evidence for, against and unknown, the counterfactual, the score and the duration class.
void Explain(const CompiledProtocol& protocol, const CompiledRuleSet& rule_set, const Facts& facts,
             const Verdict& verdict, v1::Assessment& assessment);

// The likely causes, with what speaks for each.
void AddCauses(const CompiledProtocol& protocol, const Facts& facts, v1::Assessment& assessment);

// The specialties that the deciding rules ask for, then the protocol's.
void AddSpecialties(const CompiledProtocol& protocol, const Verdict& verdict, v1::Assessment& assessment);

}  // namespace lumbar::triage
