#include "services/triage/domain/compiled_protocol.h"

#include <absl/strings/escaping.h>
#include <absl/strings/str_cat.h>

#include <algorithm>

#include "common/auth/algorithm.h"

namespace lumbar::triage {
namespace {

// Raise it when the engine turns the same protocol and findings into another answer.
constexpr absl::string_view kEngineVersion = "lumbar-triage-engine-1";

// The whole protocol is hashed: its other rule sets, questions, causes, advice and texts are in the answer too. The
// wire form is canonical here, because the schema has no map and the parser lets no unknown field in.
std::string HashOf(const v1::Protocol& protocol, const std::string& rule_set) {
  return absl::BytesToHexString(
      auth::Sha256(absl::StrCat(kEngineVersion, "\n", rule_set, "\n", protocol.SerializeAsString())));
}

CompiledRule Compile(const v1::Rule& rule, const Vocabulary& vocabulary) {
  CompiledRule compiled{Condition(rule.when(), vocabulary), {}};
  compiled.answer.set_id(rule.id());
  compiled.answer.set_level(rule.level());
  compiled.answer.set_note(rule.note());
  *compiled.answer.mutable_sources() = rule.sources();
  return compiled;
}

CompiledAdvice Compile(const v1::AdviceDefinition& advice, const Vocabulary& vocabulary) {
  CompiledAdvice compiled;
  if (advice.has_when()) compiled.when = Condition(advice.when(), vocabulary);
  for (const auto& block : advice.blocks()) {
    compiled.blocks.push_back({Condition(block.when(), vocabulary), block.because()});
  }
  compiled.drug = advice.drug();
  compiled.answer.set_id(advice.id());
  compiled.answer.set_text(advice.text());
  *compiled.answer.mutable_sources() = advice.sources();
  return compiled;
}

}  // namespace

CompiledProtocol::CompiledProtocol(v1::Protocol definition)
    : definition_(std::move(definition)), vocabulary_(definition_) {
  CompileRuleSets();
  CompileCauses();
  CompileAdvice();
  for (const auto& level : definition_.levels()) levels_[level.level()] = level;
}

const CompiledRuleSet* CompiledProtocol::FindRuleSet(absl::string_view id) const {
  for (const auto& rule_set : rule_sets_) {
    if (id.empty() || rule_set.id == id) return &rule_set;
  }
  return nullptr;
}

void CompiledProtocol::CompileRuleSets() {
  for (const auto& rule_set : definition_.rule_sets()) {
    CompiledRuleSet compiled{rule_set.id(), HashOf(definition_, rule_set.id()), {}};
    for (const auto& rule : rule_set.rules()) compiled.rules.push_back(Compile(rule, vocabulary_));
    std::stable_sort(compiled.rules.begin(), compiled.rules.end(),
                     [](const auto& a, const auto& b) { return a.answer.level() > b.answer.level(); });
    rule_sets_.push_back(std::move(compiled));
  }
}

void CompiledProtocol::CompileCauses() {
  std::vector<const v1::CauseDefinition*> ranked;
  for (const auto& cause : definition_.causes()) ranked.push_back(&cause);
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const auto* a, const auto* b) { return a->weight() > b->weight(); });
  for (const auto* cause : ranked) {
    CompiledCause compiled{Condition(cause->when(), vocabulary_), {}};
    compiled.answer.set_id(cause->id());
    compiled.answer.set_title(cause->title());
    compiled.answer.set_explanation(cause->explanation());
    causes_.push_back(std::move(compiled));
  }
}

void CompiledProtocol::CompileAdvice() {
  for (const auto& advice : definition_.advice()) advice_.push_back(Compile(advice, vocabulary_));
  std::stable_partition(advice_.begin(), advice_.end(), [](const auto& advice) { return !advice.drug; });
}

}  // namespace lumbar::triage
