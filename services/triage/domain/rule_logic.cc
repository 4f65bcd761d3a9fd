#include "services/triage/domain/rule_logic.h"

#include <absl/functional/function_ref.h>

#include <algorithm>
#include <array>

#include "services/triage/domain/condition.h"

namespace lumbar::triage {
namespace {

// Per quantity, a value on each side of every bound: between them nothing changes.
using Corners = std::array<std::vector<uint32_t>, kQuantities>;

void CollectCorners(const v1::Condition& condition, Corners& corners) {
  if (condition.has_range()) {
    auto& values = corners[condition.range().quantity() - 1];
    const uint32_t low = condition.range().at_least(), high = condition.range().at_most();
    if (condition.range().has_at_least()) values.insert(values.end(), {low, low == 0 ? 0 : low - 1});
    if (condition.range().has_at_most()) values.insert(values.end(), {high, high + 1});
  }
  for (const auto& child : condition.all().of()) CollectCorners(child, corners);
  for (const auto& child : condition.any().of()) CollectCorners(child, corners);
  for (const auto& child : condition.at_least().of()) CollectCorners(child, corners);
  if (condition.has_not_()) CollectCorners(condition.not_(), corners);
}

Corners CornersOf(const v1::Condition& some, const v1::Condition& other) {
  Corners corners;
  CollectCorners(some, corners);
  CollectCorners(other, corners);
  for (auto& values : corners) {
    if (values.empty()) values.push_back(0);
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
  }
  return corners;
}

std::vector<size_t> FindingsOf(const Condition& condition, const Vocabulary& vocabulary) {
  std::vector<size_t> findings;
  condition.VisitAtoms(vocabulary.NothingKnown(), Truth::kUnknown, [&](size_t atom) {
    const bool known = std::find(findings.begin(), findings.end(), atom) != findings.end();
    if (atom < vocabulary.size() && !known) findings.push_back(atom);
  });
  return findings;
}

// Whether `holds` for some combination of the numbers and the sex.
bool AnyMeasures(const Corners& corners, Facts& facts, absl::FunctionRef<bool(const Facts&)> holds) {
  for (const auto sex : {v1::SEX_FEMALE, v1::SEX_MALE}) {
    facts.sex = sex;
    for (const uint32_t age : corners[0]) {
      facts.quantities[0] = age;
      for (const uint32_t days : corners[1]) {
        facts.quantities[1] = days;
        for (const uint32_t severity : corners[2]) {
          facts.quantities[2] = severity;
          if (holds(facts)) return true;
        }
      }
    }
  }
  return false;
}

}  // namespace

size_t RuleLogic::CountFindings(const v1::Condition& condition) const {
  return FindingsOf(Condition(condition, vocabulary_), vocabulary_).size();
}

bool RuleLogic::CanHold(const v1::Condition& condition) const {
  const Condition compiled(condition, vocabulary_);
  Facts facts = vocabulary_.NothingKnown();
  // No condition of a rule asks for absence, so that every finding helps.
  std::fill(facts.findings.begin(), facts.findings.end(), Truth::kTrue);
  return AnyMeasures(CornersOf(condition, condition), facts,
                     [&](const Facts& patient) { return compiled.Evaluate(patient) == Truth::kTrue; });
}

bool RuleLogic::Implies(const v1::Condition& some, const v1::Condition& other) const {
  const Condition compiled(some, vocabulary_), conclusion(other, vocabulary_);
  const auto findings = FindingsOf(compiled, vocabulary_);
  const Corners corners = CornersOf(some, other);
  Facts facts = vocabulary_.NothingKnown();
  // What `some` doesn't ask about can only help `other`.
  std::fill(facts.findings.begin(), facts.findings.end(), Truth::kFalse);
  // From all present downwards: where there is a counterexample, it comes early.
  for (size_t combination = size_t{1} << findings.size(); combination-- > 0;) {
    for (size_t i = 0; i < findings.size(); ++i) {
      facts.findings[findings[i]] = (combination >> i & 1) != 0 ? Truth::kTrue : Truth::kFalse;
    }
    const bool refuted = AnyMeasures(corners, facts, [&](const Facts& patient) {
      return compiled.Evaluate(patient) == Truth::kTrue && conclusion.Evaluate(patient) != Truth::kTrue;
    });
    if (refuted) return false;
  }
  return true;
}

}  // namespace lumbar::triage
