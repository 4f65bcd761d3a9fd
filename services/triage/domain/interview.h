// What to ask next. Pure, and stateless: all that was answered is in the facts.
#pragma once

#include "lumbar/triage/v1/triage_service.pb.h"
#include "services/triage/domain/compiled_protocol.h"
#include "services/triage/domain/facts.h"

namespace lumbar::triage {

// The question with the open answer that could raise the level most; among equals, the protocol's first. Without a
// question once no answer could raise the level, or an emergency is known: then help is what matters. Nothing is asked
// that was answered, was asked in vain, or can no longer change the level.
v1::NextQuestionResponse NextQuestion(const CompiledProtocol& protocol, const CompiledRuleSet& rule_set,
                                      const Facts& facts);

}  // namespace lumbar::triage
