// What can be said of rules without a patient: whether one can ever fire, and whether one always fires along with
// another.
#pragma once

#include "lumbar/triage/v1/protocol.pb.h"
#include "services/triage/domain/vocabulary.h"

namespace lumbar::triage {

// A rule may stand on so many findings; all their combinations are tried.
inline constexpr size_t kMostFindingsOfARule = 12;

// The conditions must be ones that FaultOf lets pass with absence_allowed = false.
class RuleLogic {
 public:
  // `vocabulary` must outlive it.
  explicit RuleLogic(const Vocabulary& vocabulary) : vocabulary_(vocabulary) {}

  size_t CountFindings(const v1::Condition& condition) const;
  // Whether some patient fulfils `condition`.
  bool CanHold(const v1::Condition& condition) const;
  // Whether every patient who fulfils `some` fulfils `other` too.
  bool Implies(const v1::Condition& some, const v1::Condition& other) const;

 private:
  const Vocabulary& vocabulary_;
};

}  // namespace lumbar::triage
