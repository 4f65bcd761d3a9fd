// A protocol made ready at start: conditions compiled, rules sorted, answers built as far as they can be.
#pragma once

#include <absl/strings/string_view.h>

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "lumbar/triage/v1/assessment.pb.h"
#include "lumbar/triage/v1/protocol.pb.h"
#include "lumbar/triage/v1/triage_service.pb.h"
#include "services/triage/domain/condition.h"
#include "services/triage/domain/language.h"
#include "services/triage/domain/vocabulary.h"

namespace lumbar::triage {

struct CompiledRule {
  Condition when;
  v1::FiredRule answer;
  // The best first; empty: the protocol's.
  std::vector<std::string> specialties;
};

struct CompiledRuleSet {
  std::string id;
  // Lower-case hex; covers everything that shapes an answer of this rule set.
  std::string sha256;
  // The most urgent first.
  std::vector<CompiledRule> rules;
};

// A question of an interview, and the atoms (see Vocabulary) that it asks about.
struct CompiledQuestion {
  std::vector<size_t> atoms;
  // Without the findings to choose from.
  v1::Question answer;
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

// One protocol in one language. Immutable, so thread safe.
class CompiledProtocol {
 public:
  // `definition` must be one that CheckProtocol lets pass, and `language` English or one of TranslatedTo.
  explicit CompiledProtocol(const v1::Protocol& definition, absl::string_view language = kEnglish);

  // In `language()`, without translations.
  const v1::Protocol& definition() const { return definition_; }
  const std::string& language() const { return language_; }
  const Vocabulary& vocabulary() const { return vocabulary_; }
  // What `presentation` says at `now`, what follows from it included. Errors as in Vocabulary::Read.
  absl::StatusOr<Facts> ReadFacts(const v1::Presentation& presentation, absl::Time now) const;
  // Takes what nobody answered as absent where the protocol says so, e.g. bleeding in pregnancy without one.
  void InferAbsent(Facts& facts) const;
  // The atom and its label, as a rule of `level` leads to them.
  const v1::Evidence& evidence(size_t atom, v1::Level level) const { return evidence_[atom][level]; }
  // When a finding that nobody answered is taken as absent; null: never, or the atom is a number.
  const Condition* AbsentWhen(size_t atom) const;
  // The default first.
  const std::vector<CompiledRuleSet>& rule_sets() const { return rule_sets_; }
  // "" finds the default; null if there is none of that id.
  const CompiledRuleSet* FindRuleSet(absl::string_view id) const;
  // The likeliest first.
  const std::vector<CompiledCause>& causes() const { return causes_; }
  // What isn't a drug first.
  const std::vector<CompiledAdvice>& advice() const { return advice_; }
  const std::vector<CompiledQuestion>& questions() const { return questions_; }
  const v1::LevelDefinition& level(v1::Level level) const { return levels_[level]; }

 private:
  void CompileRuleSets(const std::vector<std::string>& hashes);
  void CompileEvidence();
  void CompileQuestions();
  void CompileCauses();
  void CompileAdvice();

  const std::string language_;
  const v1::Protocol definition_;
  const Vocabulary vocabulary_;
  // By the place of the finding.
  std::vector<std::optional<Condition>> absent_when_;
  // By atom and level.
  std::vector<std::array<v1::Evidence, v1::Level_ARRAYSIZE>> evidence_;
  std::vector<CompiledRuleSet> rule_sets_;
  std::vector<CompiledQuestion> questions_;
  std::vector<CompiledCause> causes_;
  std::vector<CompiledAdvice> advice_;
  std::array<v1::LevelDefinition, v1::Level_ARRAYSIZE> levels_;
};

}  // namespace lumbar::triage
