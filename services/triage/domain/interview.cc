#include "services/triage/domain/interview.h"

#include <algorithm>

#include "services/triage/domain/verdict.h"

namespace lumbar::triage {
namespace {

// By atom: the most urgent level that its answer could lead to; unspecified if it isn't open.
std::vector<v1::Level> StakesOf(const CompiledProtocol& protocol, const Verdict& verdict, const Facts& facts) {
  std::vector<v1::Level> stakes(protocol.vocabulary().atoms(), v1::LEVEL_UNSPECIFIED);
  for (const auto& open : verdict.open) {
    if (!facts.asked_in_vain[open.atom]) stakes[open.atom] = open.level;
  }
  return stakes;
}

v1::Level StakeOf(const CompiledQuestion& question, const std::vector<v1::Level>& stakes) {
  v1::Level highest = v1::LEVEL_UNSPECIFIED;
  for (const size_t atom : question.atoms) highest = std::max(highest, stakes[atom]);
  return highest;
}

v1::Question Ask(const CompiledProtocol& protocol, const CompiledQuestion& question,
                 const std::vector<v1::Level>& stakes) {
  v1::Question asked = question.answer;
  for (const size_t atom : question.atoms) {
    if (atom >= protocol.vocabulary().size() || stakes[atom] == v1::LEVEL_UNSPECIFIED) continue;
    const auto& finding = protocol.definition().findings(static_cast<int>(atom));
    auto* choice = asked.add_choices();
    choice->set_code(finding.code());
    choice->set_label(finding.label());
    choice->set_question(finding.question());
  }
  return asked;
}

}  // namespace

v1::NextQuestionResponse NextQuestion(const CompiledProtocol& protocol, const CompiledRuleSet& rule_set,
                                      const Facts& facts) {
  const Verdict verdict = Judge(protocol, rule_set, facts);
  v1::NextQuestionResponse response;
  response.set_level(verdict.level);
  if (verdict.level >= v1::LEVEL_EMERGENCY) return response;
  const auto stakes = StakesOf(protocol, verdict, facts);
  const CompiledQuestion* next = nullptr;
  for (const auto& question : protocol.questions()) {
    const v1::Level stake = StakeOf(question, stakes);
    if (stake == v1::LEVEL_UNSPECIFIED) continue;
    response.set_questions_left(response.questions_left() + 1);
    if (next == nullptr || stake > StakeOf(*next, stakes)) next = &question;
  }
  if (next != nullptr) *response.mutable_question() = Ask(protocol, *next, stakes);
  return response;
}

}  // namespace lumbar::triage
