// A protocol made ready at start: conditions compiled, rules sorted, answers built as far as they can be.
#pragma once

#include <absl/strings/string_view.h>

#include <array>
#include <string>
#include <vector>

#include "lumbar/triage/v1/assessment.pb.h"
#include "lumbar/triage/v1/protocol.pb.h"
#include "services/triage/domain/condition.h"
#include "services/triage/domain/vocabulary.h"

namespace lumbar::triage {

struct CompiledRule {
  Condition when;
  v1::FiredRule answer;
};

struct CompiledRuleSet {
  std::string id;
  // Lower-case hex; covers everything that shapes an answer of this rule set.
  std::string sha256;
  // The most urgent first.
  std::vector<CompiledRule> rules;
};

struct CompiledCause {
  Condition when;
  v1::Cause answer;
};

struct CompiledBlock {
  Condition when;
  std::string because;
};

struct CompiledAdvice {
  Condition when;
  std::vector<CompiledBlock> blocks;
  bool drug = false;
  v1::Advice answer;
};

// Immutable, so thread safe.
class CompiledProtocol {
 public:
  // `definition` must be one that CheckProtocol lets pass.
  explicit CompiledProtocol(v1::Protocol definition);

  const v1::Protocol& definition() const { return definition_; }
  const Vocabulary& vocabulary() const { return vocabulary_; }
  // The default first.
  const std::vector<CompiledRuleSet>& rule_sets() const { return rule_sets_; }
  // "" finds the default; null if there is none of that id.
  const CompiledRuleSet* FindRuleSet(absl::string_view id) const;
  // The likeliest first.
  const std::vector<CompiledCause>& causes() const { return causes_; }
  // What isn't a drug first.
  const std::vector<CompiledAdvice>& advice() const { return advice_; }
  const v1::LevelDefinition& level(v1::Level level) const { return levels_[level]; }

 private:
  void CompileRuleSets();
  void CompileCauses();
  void CompileAdvice();

  const v1::Protocol definition_;
  const Vocabulary vocabulary_;
  std::vector<CompiledRuleSet> rule_sets_;
  std::vector<CompiledCause> causes_;
  std::vector<CompiledAdvice> advice_;
  std::array<v1::LevelDefinition, v1::Level_ARRAYSIZE> levels_;
};

}  // namespace lumbar::triage
