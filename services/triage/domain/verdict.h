// What a rule set says of a patient: which rules fire, the level, and what is still open. No words.
#pragma once

#include <absl/container/inlined_vector.h>

#include <vector>

#include "lumbar/triage/v1/assessment.pb.h"
#include "services/triage/domain/compiled_protocol.h"
#include "services/triage/domain/facts.h"

namespace lumbar::triage {

// An atom (see Vocabulary), and the most urgent level of a rule that stands on it.
struct WeighedAtom {
  size_t atom;
  v1::Level level;
};

struct Verdict {
  // The most urgent first.
  absl::InlinedVector<const CompiledRule*, 8> fired;
  // Of the fired rules alone.
  v1::Level by_rules = v1::LEVEL_SELF_CARE;
  // By rules; and CONSULTATION at least while an open atom rules out self care.
  v1::Level level = v1::LEVEL_SELF_CARE;
  // Unanswered, and a rule above `by_rules` depends on it; the most urgent first, each once.
  std::vector<WeighedAtom> open;

  bool raised_by_open() const { return level != by_rules; }
};

// Every rule is evaluated and the highest level wins; no rule lowers one.
Verdict Judge(const CompiledProtocol& protocol, const CompiledRuleSet& rule_set, const Facts& facts);

// The level of Judge, without the rest.
v1::Level LevelOf(const CompiledProtocol& protocol, const CompiledRuleSet& rule_set, const Facts& facts);

}  // namespace lumbar::triage
