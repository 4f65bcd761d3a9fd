#include "services/triage/domain/explanation.h"

#include <algorithm>

#include "services/triage/domain/lend.h"
#include "services/triage/domain/prognosis.h"

namespace lumbar::triage {
namespace {

using Evidence = google::protobuf::RepeatedPtrField<v1::Evidence>;

// Adds each atom once, with the level that it came with first: rules come the most urgent first.
class EvidenceList {
 public:
  EvidenceList(const CompiledProtocol& protocol, Evidence& list) : protocol_(protocol), list_(list) {}

  void Add(size_t atom, v1::Level level) {
    if (seen_.empty()) seen_.assign(protocol_.vocabulary().atoms(), false);
    if (seen_[atom]) return;
    seen_[atom] = true;
    Lend(protocol_.evidence(atom, level), list_);
  }

 private:
  const CompiledProtocol& protocol_;
  Evidence& list_;
  std::vector<bool> seen_;
};

void AddEvidence(const CompiledProtocol& protocol, const CompiledRuleSet& rule_set, const Facts& facts,
                 const Verdict& verdict, v1::Assessment& assessment) {
  EvidenceList for_it(protocol, *assessment.mutable_evidence_for());
  for (const auto* rule : verdict.fired) {
    rule->when.VisitAtoms(facts, Truth::kTrue, [&](size_t atom) { for_it.Add(atom, rule->answer.level()); });
  }
  EvidenceList against(protocol, *assessment.mutable_evidence_against());
  for (const auto& rule : rule_set.rules) {
    if (rule.answer.level() <= verdict.level) break;
    rule.when.VisitAtoms(facts, Truth::kFalse, [&](size_t atom) { against.Add(atom, rule.answer.level()); });
  }
  EvidenceList unknown(protocol, *assessment.mutable_evidence_unknown());
  for (const auto& open : verdict.open) {
    unknown.Add(open.atom, open.level);
    if (protocol.vocabulary().RulesOutSelfCare(open.atom)) {
      assessment.add_unanswered_red_flags(std::string(protocol.vocabulary().AtomName(open.atom)));
    }
  }
}

// The present findings on which the deciding rules stand.
std::vector<size_t> Deciding(const CompiledProtocol& protocol, const Facts& facts, const Verdict& verdict) {
  std::vector<size_t> findings;
  for (const auto* rule : verdict.fired) {
    if (rule->answer.level() != verdict.by_rules) break;
    rule->when.VisitAtoms(facts, Truth::kTrue, [&](size_t atom) {
      if (atom < protocol.vocabulary().size() && std::find(findings.begin(), findings.end(), atom) == findings.end()) {
        findings.push_back(atom);
      }
    });
  }
  return findings;
}

// A patient like `facts`, without some findings.
Facts Without(Facts facts, const std::vector<size_t>& findings) {
  for (const size_t finding : findings) facts.findings[finding] = Truth::kFalse;
  return facts;
}

// Of the deciding findings, those whose absence would lower the level: one that would do it alone; or else all, less
// those that needn't be absent. Empty: not even all would.
std::vector<size_t> FewestToLower(const CompiledProtocol& protocol, const CompiledRuleSet& rule_set, const Facts& facts,
                                  const Verdict& verdict) {
  const auto lowers = [&](const std::vector<size_t>& findings) {
    return LevelOf(protocol, rule_set, Without(facts, findings)) < verdict.level;
  };
  std::vector<size_t> fewest = Deciding(protocol, facts, verdict);
  for (const size_t finding : fewest) {
    if (lowers({finding})) return {finding};
  }
  if (!lowers(fewest)) return {};
  for (size_t i = fewest.size(); i-- > 0;) {
    auto fewer = fewest;
    fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
    if (lowers(fewer)) fewest = std::move(fewer);
  }
  return fewest;
}

void AddCounterfactual(const CompiledProtocol& protocol, const CompiledRuleSet& rule_set, const Facts& facts,
                       const Verdict& verdict, v1::Assessment& assessment) {
  if (verdict.raised_by_open() || verdict.fired.empty()) return;
  const auto absent = FewestToLower(protocol, rule_set, facts, verdict);
  if (absent.empty()) return;
  auto* counterfactual = assessment.mutable_counterfactual();
  for (const size_t finding : absent) {
    counterfactual->add_absent_findings(std::string(protocol.vocabulary().AtomName(finding)));
  }
  counterfactual->set_level(LevelOf(protocol, rule_set, Without(facts, absent)));
}

// The band of the level, and within it what more rules and more pain add; both only ever add.
uint32_t ScoreOf(const Facts& facts, const Verdict& verdict) {
  constexpr uint32_t kBand = 20, kPerRule = 4;
  const auto rules = static_cast<uint32_t>(verdict.fired.size());
  const uint32_t pain = facts.quantities[v1::QUANTITY_PAIN_SEVERITY - 1].value_or(0);
  const uint32_t within = (rules == 0 ? 0 : rules - 1) * kPerRule + pain;
  const uint32_t most = verdict.level == v1::LEVEL_EMERGENCY_AMBULANCE ? kBand : kBand - 1;
  return (verdict.level - v1::LEVEL_SELF_CARE) * kBand + std::min(within, most);
}

}  // namespace

void Explain(const CompiledProtocol& protocol, const CompiledRuleSet& rule_set, const Facts& facts,
             const Verdict& verdict, v1::Assessment& assessment) {
  assessment.set_score(ScoreOf(facts, verdict));
  assessment.set_duration_class(DurationClassOf(facts));
  for (const auto* rule : verdict.fired) Lend(rule->answer, *assessment.mutable_fired_rules());
  AddEvidence(protocol, rule_set, facts, verdict, assessment);
  AddCounterfactual(protocol, rule_set, facts, verdict, assessment);
}

void AddCauses(const CompiledProtocol& protocol, const Facts& facts, v1::Assessment& assessment) {
  for (const auto& cause : protocol.causes()) {
    if (cause.when.Evaluate(facts) != Truth::kTrue) continue;
    auto* added = assessment.add_causes();
    *added = cause.answer;
    cause.when.VisitAtoms(facts, Truth::kTrue,
                          [&](size_t atom) { added->add_reasons(std::string(protocol.vocabulary().Label(atom))); });
  }
}

void AddSpecialties(const CompiledProtocol& protocol, const Verdict& verdict, v1::Assessment& assessment) {
  auto& specialties = *assessment.mutable_specialties();
  const auto add = [&](const std::string& specialty) {
    if (std::find(specialties.begin(), specialties.end(), specialty) == specialties.end()) {
      assessment.add_specialties(specialty);
    }
  };
  for (const auto* rule : verdict.fired) {
    if (rule->answer.level() != verdict.by_rules) break;
    for (const auto& specialty : rule->specialties) add(specialty);
  }
  for (const auto& specialty : protocol.definition().specialties()) add(specialty);
}

}  // namespace lumbar::triage
