// A condition of a protocol, compiled: one flat list of nodes, questions by number. Evaluating allocates nothing.
#pragma once

#include <absl/functional/function_ref.h>

#include <cstdint>
#include <vector>

#include "lumbar/triage/v1/protocol.pb.h"
#include "services/triage/domain/facts.h"
#include "services/triage/domain/vocabulary.h"

namespace lumbar::triage {

class Condition {
 public:
  // Always true.
  Condition() = default;
  // `definition` must be one that CheckProtocol lets pass.
  Condition(const v1::Condition& definition, const Vocabulary& vocabulary);

  Truth Evaluate(const Facts& facts) const;
  // If the outcome is `truth`: gives `visit` every atom that makes it so. Of kUnknown: all on which it still depends.
  // Of kTrue and kFalse: those that hold, or don't; what is asked by its opposite is left out.
  void VisitAtoms(const Facts& facts, Truth truth, absl::FunctionRef<void(size_t atom)> visit) const;

 private:
  // kCount covers all (n of n), any (1 of n) and at least; Kleene's and, or are these.
  enum class Kind : uint8_t { kFinding, kCount, kNot, kRange, kSex };
  struct Node {
    Kind kind;
    // The atom of a leaf.
    uint32_t atom = 0;
    // kCount: how many of how many children. kRange: lowest and highest value that holds. kSex: lower is the sex.
    uint32_t lower = 0;
    uint32_t upper = 0;
    // The node after this one's last descendant.
    uint32_t end = 0;
  };

  void Add(const v1::Condition& definition, const Vocabulary& vocabulary);
  template <typename Conditions>
  void AddCount(size_t count, const Conditions& of, const Vocabulary& vocabulary);
  Truth Evaluate(const Facts& facts, size_t index) const;
  Truth EvaluateCount(const Facts& facts, size_t index) const;
  void VisitAtoms(const Facts& facts, Truth truth, size_t index, absl::FunctionRef<void(size_t atom)> visit) const;

  std::vector<Node> nodes_;
};

}  // namespace lumbar::triage
