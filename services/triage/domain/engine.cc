#include "services/triage/domain/engine.h"

#include <absl/strings/str_cat.h>

#include <algorithm>

#include "common/time/proto_time.h"
#include "services/triage/domain/care_advice.h"

namespace lumbar::triage {
namespace {

// What a rule set says of a patient.
struct Verdict {
  std::vector<const CompiledRule*> fired;
  // Of the fired rules alone.
  v1::Level by_rules = v1::LEVEL_SELF_CARE;
  // Atoms that rule out self care, and on which a rule above `by_rules` still depends.
  std::vector<size_t> open;

  v1::Level level() const { return open.empty() ? by_rules : std::max<v1::Level>(by_rules, v1::LEVEL_CONSULTATION); }
  bool raised() const { return level() != by_rules; }
};

Verdict Judge(const Vocabulary& vocabulary, const CompiledRuleSet& rule_set, const Facts& facts) {
  Verdict verdict;
  for (const auto& rule : rule_set.rules) {
    if (rule.when.Evaluate(facts) == Truth::kTrue) verdict.fired.push_back(&rule);
  }
  if (!verdict.fired.empty()) verdict.by_rules = verdict.fired.front()->answer.level();
  std::vector<bool> open(vocabulary.atoms());
  for (const auto& rule : rule_set.rules) {
    if (rule.answer.level() <= verdict.by_rules) break;
    rule.when.MarkOpen(facts, open);
  }
  for (size_t atom = 0; atom < open.size(); ++atom) {
    if (open[atom] && vocabulary.RulesOutSelfCare(atom)) verdict.open.push_back(atom);
  }
  return verdict;
}

void Word(const CompiledProtocol& protocol, const Verdict& verdict, v1::Assessment& assessment) {
  const auto& level = protocol.level(verdict.level());
  const auto& wording = protocol.definition().wording();
  assessment.set_headline(verdict.raised() ? wording.unanswered_headline() : level.headline());
  assessment.set_instructions(level.instructions());
  // An emergency is acted on; questions wait.
  if (verdict.open.empty() || level.level() >= v1::LEVEL_EMERGENCY) return;
  assessment.set_instructions(verdict.raised()
                                  ? absl::StrCat(wording.unanswered_instructions(), "\n\n", level.instructions())
                                  : absl::StrCat(level.instructions(), "\n\n", wording.unanswered_instructions()));
}

void Schedule(const v1::LevelDefinition& level, absl::Time now, v1::Assessment& assessment) {
  *assessment.mutable_assess_time() = ToProtoTime(now);
  if (!level.has_act_within()) return;
  *assessment.mutable_act_within() = level.act_within();
  *assessment.mutable_act_by_time() = ToProtoTime(now + FromProto(level.act_within()));
}

// Rule sets differ where the rules of one ask for more than the other's answer; what is merely unanswered is none.
void Compare(const CompiledProtocol& protocol, const CompiledRuleSet& rule_set, const Verdict& mine, const Facts& facts,
             v1::Assessment& assessment) {
  for (const auto& other : protocol.rule_sets()) {
    if (&other == &rule_set) continue;
    const Verdict theirs = Judge(protocol.vocabulary(), other, facts);
    if (theirs.by_rules <= mine.level() && mine.by_rules <= theirs.level()) continue;
    auto* disagreement = assessment.add_disagreements();
    disagreement->set_rule_set(other.id);
    disagreement->set_level(theirs.level());
    for (const auto* rule : theirs.fired) {
      if (rule->answer.level() == theirs.by_rules) *disagreement->add_fired_rules() = rule->answer;
    }
  }
}

void Explain(const CompiledProtocol& protocol, const Verdict& verdict, const Facts& facts, v1::Assessment& assessment) {
  for (const auto* rule : verdict.fired) *assessment.add_fired_rules() = rule->answer;
  for (const size_t atom : verdict.open) {
    assessment.add_unanswered_red_flags(std::string(protocol.vocabulary().AtomName(atom)));
  }
  if (verdict.level() >= v1::LEVEL_EMERGENCY) return;
  for (const auto& cause : protocol.causes()) {
    if (cause.when.Evaluate(facts) == Truth::kTrue) *assessment.add_causes() = cause.answer;
  }
  AddAdvice(protocol, facts, assessment);
}

}  // namespace

v1::Assessment AssessFacts(const CompiledProtocol& protocol, const CompiledRuleSet& rule_set, const Facts& facts,
                           absl::Time now) {
  const Verdict verdict = Judge(protocol.vocabulary(), rule_set, facts);
  v1::Assessment assessment;
  assessment.set_level(verdict.level());
  Word(protocol, verdict, assessment);
  Schedule(protocol.level(verdict.level()), now, assessment);
  Explain(protocol, verdict, facts, assessment);
  Compare(protocol, rule_set, verdict, facts, assessment);
  assessment.set_safety_net(protocol.definition().safety_net());
  assessment.set_virtual_visit_fits(verdict.level() < v1::LEVEL_EMERGENCY);
  assessment.set_protocol(protocol.definition().name());
  assessment.set_rule_set(rule_set.id);
  assessment.set_rules_sha256(rule_set.sha256);
  return assessment;
}

v1::Level LevelOf(const CompiledProtocol& protocol, const CompiledRuleSet& rule_set, const Facts& facts) {
  return Judge(protocol.vocabulary(), rule_set, facts).level();
}

}  // namespace lumbar::triage
