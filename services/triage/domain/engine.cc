#include "services/triage/domain/engine.h"

#include <absl/strings/str_cat.h>

#include "common/time/proto_time.h"
#include "services/triage/domain/care_advice.h"
#include "services/triage/domain/explanation.h"
#include "services/triage/domain/lend.h"
#include "services/triage/domain/verdict.h"

namespace lumbar::triage {
namespace {

void Word(const CompiledProtocol& protocol, const Verdict& verdict, v1::Assessment& assessment) {
  const auto& level = protocol.level(verdict.level);
  const auto& wording = protocol.definition().wording();
  assessment.set_headline(verdict.raised_by_open() ? wording.unanswered_headline() : level.headline());
  assessment.set_instructions(level.instructions());
  // An emergency is acted on; questions wait.
  if (assessment.unanswered_red_flags().empty() || level.level() >= v1::LEVEL_EMERGENCY) return;
  assessment.set_instructions(verdict.raised_by_open()
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
    const Verdict theirs = Judge(protocol, other, facts);
    if (theirs.by_rules <= mine.level && mine.by_rules <= theirs.level) continue;
    auto* disagreement = assessment.add_disagreements();
    disagreement->set_rule_set(other.id);
    disagreement->set_level(theirs.level);
    for (const auto* rule : theirs.fired) {
      if (rule->answer.level() == theirs.by_rules) Lend(rule->answer, *disagreement->mutable_fired_rules());
    }
  }
}

}  // namespace

void AssessFacts(const CompiledProtocol& protocol, const CompiledRuleSet& rule_set, const Facts& facts, absl::Time now,
                 v1::Assessment& assessment) {
  const Verdict verdict = Judge(protocol, rule_set, facts);
  assessment.set_level(verdict.level);
  Explain(protocol, rule_set, facts, verdict, assessment);
  Word(protocol, verdict, assessment);
  Schedule(protocol.level(verdict.level), now, assessment);
  if (verdict.level < v1::LEVEL_EMERGENCY) {
    AddCauses(protocol, facts, assessment);
    AddAdvice(protocol, facts, assessment);
    AddSpecialties(protocol, verdict, assessment);
  }
  // Nobody who should run is told that other rules see less.
  if (verdict.level < v1::LEVEL_EMERGENCY) Compare(protocol, rule_set, verdict, facts, assessment);
  assessment.set_safety_net(protocol.definition().safety_net());
  assessment.set_virtual_visit_fits(verdict.level < v1::LEVEL_EMERGENCY);
  assessment.set_protocol(protocol.definition().name());
  assessment.set_protocol_version(protocol.definition().version());
  assessment.set_language_code(protocol.language());
  assessment.set_rule_set(rule_set.id);
  assessment.set_rules_sha256(rule_set.sha256);
}

v1::Assessment AssessFacts(const CompiledProtocol& protocol, const CompiledRuleSet& rule_set, const Facts& facts,
                           absl::Time now) {
  v1::Assessment assessment;
  AssessFacts(protocol, rule_set, facts, now, assessment);
  return assessment;
}

}  // namespace lumbar::triage
