#include "services/triage/domain/verdict.h"

#include <algorithm>

namespace lumbar::triage {
namespace {

// Collects open atoms, and those that could still take them back: whether pregnancy can be, for its bleeding.
class OpenAtoms {
 public:
  OpenAtoms(const CompiledProtocol& protocol, const Facts& facts) : protocol_(protocol), facts_(facts) {}

  void Add(const Condition& condition, v1::Level level) {
    condition.VisitAtoms(facts_, Truth::kUnknown, [&](size_t atom) {
      if (seen_.empty()) seen_.assign(protocol_.vocabulary().atoms(), false);
      if (seen_[atom]) return;
      seen_[atom] = true;
      found_.push_back({atom, level});
      rules_out_self_care_ |= protocol_.vocabulary().RulesOutSelfCare(atom);
      if (const auto* absent_when = protocol_.AbsentWhen(atom)) Add(*absent_when, level);
    });
  }
  bool rules_out_self_care() const { return rules_out_self_care_; }
  std::vector<WeighedAtom> Take() { return std::move(found_); }

 private:
  const CompiledProtocol& protocol_;
  const Facts& facts_;
  std::vector<bool> seen_;
  std::vector<WeighedAtom> found_;
  bool rules_out_self_care_ = false;
};

}  // namespace

Verdict Judge(const CompiledProtocol& protocol, const CompiledRuleSet& rule_set, const Facts& facts) {
  Verdict verdict;
  OpenAtoms open(protocol, facts);
  for (const auto& rule : rule_set.rules) {
    const v1::Level level = rule.answer.level();
    switch (rule.when.Evaluate(facts)) {
      case Truth::kTrue:
        verdict.fired.push_back(&rule);
        verdict.by_rules = std::max(verdict.by_rules, level);
        break;
      case Truth::kUnknown:
        // Rules come by level, so a rule of the level that has fired can raise nothing; its later neighbours neither.
        if (level > verdict.by_rules) open.Add(rule.when, level);
        break;
      case Truth::kFalse:
        break;
    }
  }
  verdict.open = open.Take();
  // Open atoms of rules at the level that fired are no news.
  const auto no_news = [&](const WeighedAtom& atom) { return atom.level <= verdict.by_rules; };
  verdict.open.erase(std::remove_if(verdict.open.begin(), verdict.open.end(), no_news), verdict.open.end());
  const bool ruled_out = std::any_of(verdict.open.begin(), verdict.open.end(), [&](const WeighedAtom& open_atom) {
    return protocol.vocabulary().RulesOutSelfCare(open_atom.atom);
  });
  verdict.level = ruled_out ? std::max<v1::Level>(verdict.by_rules, v1::LEVEL_CONSULTATION) : verdict.by_rules;
  return verdict;
}

v1::Level LevelOf(const CompiledProtocol& protocol, const CompiledRuleSet& rule_set, const Facts& facts) {
  OpenAtoms open(protocol, facts);
  for (const auto& rule : rule_set.rules) {
    const Truth truth = rule.when.Evaluate(facts);
    if (truth == Truth::kTrue) return rule.answer.level();
    // One open atom that rules out self care is as good as all.
    if (truth == Truth::kUnknown && !open.rules_out_self_care()) open.Add(rule.when, rule.answer.level());
  }
  return open.rules_out_self_care() ? v1::LEVEL_CONSULTATION : v1::LEVEL_SELF_CARE;
}

}  // namespace lumbar::triage
