#include "services/triage/domain/condition.h"

#include <limits>

namespace lumbar::triage {
namespace {

Truth Known(bool holds) { return holds ? Truth::kTrue : Truth::kFalse; }

uint32_t Narrow(size_t value) { return static_cast<uint32_t>(value); }

}  // namespace

Condition::Condition(const v1::Condition& definition, const Vocabulary& vocabulary) { Add(definition, vocabulary); }

void Condition::Add(const v1::Condition& definition, const Vocabulary& vocabulary) {
  const size_t place = nodes_.size();
  switch (definition.kind_case()) {
    case v1::Condition::kPresent:
      nodes_.push_back({.kind = Kind::kFinding, .atom = Narrow(vocabulary.Find(definition.present()).value_or(0))});
      break;
    case v1::Condition::kAll:
      AddCount(definition.all().of().size(), definition.all().of(), vocabulary);
      break;
    case v1::Condition::kAny:
      AddCount(1, definition.any().of(), vocabulary);
      break;
    case v1::Condition::kAtLeast:
      AddCount(definition.at_least().count(), definition.at_least().of(), vocabulary);
      break;
    case v1::Condition::kNot:
      nodes_.push_back({.kind = Kind::kNot});
      Add(definition.not_(), vocabulary);
      break;
    case v1::Condition::kRange: {
      const auto& range = definition.range();
      nodes_.push_back({.kind = Kind::kRange,
                        .atom = Narrow(vocabulary.size() + range.quantity() - 1),
                        .lower = range.at_least(),
                        .upper = range.has_at_most() ? range.at_most() : std::numeric_limits<uint32_t>::max()});
      break;
    }
    case v1::Condition::kSex:
      nodes_.push_back({.kind = Kind::kSex,
                        .atom = Narrow(vocabulary.size() + kQuantities),
                        .lower = static_cast<uint32_t>(definition.sex())});
      break;
    case v1::Condition::KIND_NOT_SET:
      return;
  }
  nodes_[place].end = Narrow(nodes_.size());
}

template <typename Conditions>
void Condition::AddCount(size_t count, const Conditions& of, const Vocabulary& vocabulary) {
  nodes_.push_back({.kind = Kind::kCount, .lower = Narrow(count), .upper = Narrow(of.size())});
  for (const auto& condition : of) Add(condition, vocabulary);
}

Truth Condition::Evaluate(const Facts& facts) const { return nodes_.empty() ? Truth::kTrue : Evaluate(facts, 0); }

Truth Condition::Evaluate(const Facts& facts, size_t index) const {
  const Node& node = nodes_[index];
  switch (node.kind) {
    case Kind::kFinding:
      return facts.findings[node.atom];
    case Kind::kCount:
      return EvaluateCount(facts, index);
    case Kind::kNot:
      return static_cast<Truth>(2 - static_cast<int>(Evaluate(facts, index + 1)));
    case Kind::kRange: {
      const auto& value = facts.quantities[node.atom - facts.findings.size()];
      return value ? Known(*value >= node.lower && *value <= node.upper) : Truth::kUnknown;
    }
    case Kind::kSex:
      return facts.sex == v1::SEX_UNSPECIFIED ? Truth::kUnknown : Known(node.lower == static_cast<uint32_t>(facts.sex));
  }
  return Truth::kUnknown;
}

Truth Condition::EvaluateCount(const Facts& facts, size_t index) const {
  const Node& node = nodes_[index];
  uint32_t hold = 0, may_hold = node.upper;
  for (size_t child = index + 1; child < node.end; child = nodes_[child].end) {
    // Most children are findings; a call for each would take longer than the look.
    const Node& node_of_child = nodes_[child];
    const Truth truth =
        node_of_child.kind == Kind::kFinding ? facts.findings[node_of_child.atom] : Evaluate(facts, child);
    if (truth == Truth::kTrue && ++hold >= node.lower) return Truth::kTrue;
    if (truth == Truth::kFalse && --may_hold < node.lower) return Truth::kFalse;
  }
  return Truth::kUnknown;
}

void Condition::VisitAtoms(const Facts& facts, Truth truth, absl::FunctionRef<void(size_t atom)> visit) const {
  if (!nodes_.empty()) VisitAtoms(facts, truth, 0, visit);
}

void Condition::VisitAtoms(const Facts& facts, Truth truth, size_t index,
                           absl::FunctionRef<void(size_t atom)> visit) const {
  if (Evaluate(facts, index) != truth) return;
  const Node& node = nodes_[index];
  if (node.kind == Kind::kNot && truth != Truth::kUnknown) return;
  if (node.kind != Kind::kCount && node.kind != Kind::kNot) return visit(node.atom);
  for (size_t child = index + 1; child < node.end; child = nodes_[child].end) VisitAtoms(facts, truth, child, visit);
}

}  // namespace lumbar::triage
